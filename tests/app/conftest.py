"""Fixtures of the server's tests (tests/app/conftest_serve.py)."""

from conftest_serve import browser, launch, server, stand_in

__all__ = ["browser", "launch", "server", "stand_in"]
