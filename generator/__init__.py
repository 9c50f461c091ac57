"""Broadsheet: from a folder of curated news to a static news site."""

__version__ = "0.1.0"
