"""The small parts of the preview: media types, names of hosts, editors, memory of pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.preview.access import Door, is_loopback
from generator.preview.editor import EDITORS, choose_editor, editor_arguments
from generator.preview.host import plain_path
from generator.preview.media import media_type
from generator.preview.tabs import Recent


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("news/x/index.html", "text/html; charset=utf-8"),
        ("feed.xml", "application/xml; charset=utf-8"),
        ("feed.JSON", "application/json; charset=utf-8"),
        ("site.webmanifest", "application/manifest+json; charset=utf-8"),
        ("a.avif", "image/avif"),
        ("a.webp", "image/webp"),
        ("a.svg", "image/svg+xml; charset=utf-8"),
        ("a.woff2", "font/woff2"),
        ("a.xsl", "text/xsl; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.zip", "application/zip"),
        ("CNAME", "application/octet-stream"),
        ("a.d/CNAME", "application/octet-stream"),
    ],
)
def test_media_types(output: str, kind: str) -> None:
    """Each kind of file has its type, with a charset where it is text."""
    assert media_type(output) == kind


def test_whom_the_door_admits() -> None:
    """Loopback admits loopback; a network's door admits addresses, which nobody can rebind, and its own names."""
    home, network = Door("127.0.0.1", ("desk", "desk.local")), Door("0.0.0.0", ("desk", "desk.local"))
    for host in ("localhost:1", "127.0.0.1", "[::1]:8000", "[::ffff:127.0.0.1]", "x.localhost", "LocalHost."):
        assert home.admits(host)
        assert network.admits(host)
    for host in ("192.168.1.5:8000", "[fe80::1]", "desk:8000", "DESK.local"):
        assert not home.admits(host)
        assert network.admits(host)
    for host in ("evil.example", "desk.evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io"):
        assert not home.admits(host)
        assert not network.admits(host)
    assert Door("desk.lan").admits("desk.lan:8000")
    assert not Door("127.0.0.1").admits("0.0.0.0:8000")


def test_what_is_loopback() -> None:
    """Addresses of this machine in every form, and nothing else."""
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "::ffff:127.0.0.1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "desk", "", "128.0.0.1")))


def test_which_editor() -> None:
    """The setting goes first, then VISUAL, then EDITOR; these two only with an editor that has a window."""
    assert choose_editor("zed", {"VISUAL": "code"}) == ("zed", "{file}:{line}:{column}")
    assert choose_editor(("x", "{file}"), {}) == ("x", "{file}")
    assert choose_editor("", {"VISUAL": "/usr/bin/code --wait", "EDITOR": "subl"}) == (
        "/usr/bin/code",
        *EDITORS["code"][1:],
    )
    assert choose_editor("", {"VISUAL": "vim", "EDITOR": "subl -w"}) == EDITORS["subl"]
    assert choose_editor("", {"VISUAL": "rm -rf /", "EDITOR": "sh -c 'code'"}) == ()
    assert choose_editor("", {"EDITOR": ""}) == ()


def test_arguments_stay_apart() -> None:
    """Places are filled in once: a file whose name looks like one, or like an option, stays what it is."""
    file = Path("/x/{line} --a;{file}.md")
    assert editor_arguments(("e", "+{line}:{column}", "{file}{line}"), file, 3, 0) == ("e", "+3:1", f"{file}3")


@pytest.mark.parametrize("name", sorted(EDITORS))
def test_every_editor_is_given_the_file(name: str) -> None:
    """Each known command names the file once, and itself first."""
    assert EDITORS[name][0] == name
    assert "".join(EDITORS[name]).count("{file}") == 1


@given(st.text())
def test_a_path_that_is_decoded_goes_nowhere_else(path: str) -> None:
    """Whatever is asked for: what comes out has no empty name, no way up, no control character."""
    plain = plain_path(path)
    if plain is not None:
        names = plain.split("/")
        assert names[0] == ""
        assert not {".", ".."} & set(names)
        assert "" not in names[1:-1]
        assert "\0" not in plain


def test_the_oldest_pages_are_forgotten() -> None:
    """The memory of pages is bounded, and keeps those that were served last."""
    recent = Recent(10)
    for name in "abc":
        recent.put(name, b"xxxx")
    assert [recent.get(name) is not None for name in "abc"] == [False, True, True]
    recent.put("b", b"xxxx")
    recent.put("d", b"xxxx")
    assert [recent.get(name) is not None for name in "bcd"] == [True, False, True]
    recent.put("e", b"x" * 11)
    assert recent.get("e") is None
