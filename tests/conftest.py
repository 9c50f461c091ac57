"""What all tests share: the kit in this folder, patience on busy machines, and a small site of everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from site_kit import SmallSite, full_site

# How long an example takes says more about a shared machine than about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """Return a site that has something of everything, not built yet."""
    return full_site(tmp_path / "site")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, or one process works on it alone when the others have ended."""
    items.sort(key=lambda item: not item.nodeid.startswith(("tests/test_incremental.py", "tests/test_browser.py")))
