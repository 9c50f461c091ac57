"""Where the script of preview goes, and which differences of pages are style sheets alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.preview.inject import inject
from generator.preview.styles import changed_styles

SCRIPT = b'<script src="/_broadsheet/preview.js" data-digest="0a" defer></script>'


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>x</title>|</head><body></body></html>",
        "<HEAD>|</HEAD\n><BODY></BODY>",
        "<head><!-- </head> --><title></head></title><script>'</head>'</script>|</head><body></body>",
        "<head><style>/* </head> */</style>|</head>",
        "<body><p></head>x|</body>",
        "<body><script>'</body>'</script><!-- </body> -->|</body></html>",
        "<p>a</body><p>b|</body>",
        "<p>no body|",
        "|",
        "<!-- never closed </head></body>|",
        "<head><script>never closed</head></body>|",
    ],
)
def test_the_script_stands_where_it_runs(page: str) -> None:
    """Before the end of the head, else of the body, else of the page; comments and scripts do not count."""
    before, after = page.encode().split(b"|")
    assert inject(before + after, "0a") == before + SCRIPT + after


@given(st.binary(max_size=200) | st.text(alphabet="<>/!-headbodyscript \n").map(str.encode))
def test_nothing_else_changes(page: bytes) -> None:
    """Without the script any page is what it was."""
    injected = inject(page, "0a")
    assert injected.count(SCRIPT) == 1 + page.count(SCRIPT)
    assert injected.replace(SCRIPT, b"", 1) == page


LINKS = b'<link rel="stylesheet" href="/a.1.css"><link href=/b.1.css rel=stylesheet><link rel=icon href="/i.1">'
OLD = b"<head>%b</head>" % LINKS


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"a.1": "a.2"}, [("/a.1.css", "/a.2.css")]),
        ({"a.1": "a.2", "b.1": "b.2"}, [("/a.1.css", "/a.2.css"), ("/b.1.css", "/b.2.css")]),
        ({"a.1": "a&amp;2"}, [("/a.1.css", "/a&2.css")]),
        ({}, None),
        ({"i.1": "i.2"}, None),
        ({"a.1": "a.2", "i.1": "i.2"}, None),
        ({"</head>": "</head>x"}, None),
        ({"<link href=/b.1.css rel=stylesheet>": ""}, None),
        ({'rel="stylesheet"': 'rel="stylesheet" media="print"'}, None),
    ],
)
def test_what_differs_is_style_sheets_alone(changes: dict[str, str], found: list[tuple[str, str]] | None) -> None:
    """Addresses of style sheets are told from everything else that can differ."""
    new = OLD.decode()
    for before, after in changes.items():
        new = new.replace(before, after)
    assert changed_styles(OLD, new.encode()) == found
