"""unneeded: what a library imports and never uses."""

from __future__ import annotations

import subprocess
import sys

from site_kit import REPOSITORY

SCRIPT = """
import sys
import generator.pages.feed_formats
assert not {"urllib.request", "http.client", "ssl"} & sys.modules.keys()
import urllib.request
assert urllib.request.urlopen
"""


def test_feeds_come_without_the_web_client() -> None:
    """It is not imported with the library of feeds, and is the real one for whoever imports it later."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
