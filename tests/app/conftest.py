"""Fixtures of the server's tests (tests/app/conftest_serve.py)."""

from conftest_serve import address, browser, launch, server, stand_in

__all__ = ["address", "browser", "launch", "server", "stand_in"]
