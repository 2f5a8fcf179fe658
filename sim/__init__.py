"""Kyodo."""
