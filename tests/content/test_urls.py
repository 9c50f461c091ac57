"""Addresses: what is published is safe, what is compared is folded."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.content.urls import BadUrl, canonical_url, clean_url, host_of, valid_domain

PUBLISHABLE = re.compile(r"https?://[A-Za-z0-9._~!$()*+,;=:@/?&%\[\]#-]+")


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://www.example.com/a?b=c&d=e#f", "https://www.example.com/a?b=c&d=e#f"),
        ("HTTP://Example.COM/A", "http://example.com/A"),
        (" https://x.com/a b ", "https://x.com/a%20b"),
        ("https://x.com/don’t™\u202f", "https://x.com/don%E2%80%99t%E2%84%A2%E2%80%AF"),
        ("//x.com/y", "https://x.com/y"),
        ("https://x.com/?q=\"<a>'`", "https://x.com/?q=%22%3Ca%3E%27%60"),
        ("https://x.com/100%", "https://x.com/100%25"),
        ("https://x.com/%7Ea%zz", "https://x.com/%7Ea%25zz"),
        ("https://bücher.de/", "https://xn--bcher-kva.de/"),
        ("https://user:secret@x.com/", "https://x.com/"),
        ("https://good.com\\@evil.com/", "https://good.com/@evil.com/"),
        ("https://x.com/\na\tb\x00", "https://x.com/ab"),
        ("https://x.com:8080/", "https://x.com:8080/"),
        ("http://127.0.0.1:8000/a.png", "http://127.0.0.1:8000/a.png"),
        ("http://localhost:8000/a.png", "http://localhost:8000/a.png"),
        ("https://[::1]:8000/x", "https://[::1]:8000/x"),
        ("https://a_b.example.com/[x]|{y}", "https://a_b.example.com/%5Bx%5D%7C%7By%7D"),
        ("https:///x.com/y", "https://x.com/y"),
        ("https://x.com", "https://x.com"),
    ],
)
def test_addresses_are_cleaned(url: str, clean: str) -> None:
    """What RFC 3986 does not allow is percent-encoded; nothing that means something is lost."""
    assert clean_url(url) == clean
    assert clean_url(clean) == clean


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("javascript:alert(1)", "the scheme javascript: is refused"),
        ("JavaScript:alert(1)", "the scheme javascript: is refused"),
        ("java\nscript:alert(1)", "the scheme javascript: is refused"),
        ("data:text/html,x", "the scheme data: is refused"),
        ("ftp://x.com/", "the scheme ftp: is refused"),
        ("mailto:a@b.c", "the scheme mailto: is refused"),
        ("x.com/y", "not a web address"),
        ("/news/x/", "not a web address"),
        ("", "the address is empty"),
        ("https://", "the address has no valid host"),
        ("https://exa mple.com/", "the address has no valid host"),
        ("https://a..b/", "the address has no valid host"),
        ("https://[::x]/", "the address has no valid host"),
        ("https://x.com:99999/", "the port is no number from 1 to 65535"),
        ("https://x.com:x/", "the port is no number from 1 to 65535"),
        ("https://x.com/" + "a" * 9000, "the address has 9,014 characters"),
    ],
)
def test_what_is_no_web_address_is_refused(url: str, message: str) -> None:
    """The refusal says why."""
    with pytest.raises(BadUrl) as refusal:
        clean_url(url)
    assert str(refusal.value) == message
    assert refusal.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a",
        "https://www.example.com/a/",
        "https://EXAMPLE.com:443/a#top",
        "https://example.com/a?utm_source=x&utm_medium=y&fbclid=z",
        "https://example.com/%61",
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a",
        "https://example-com.cdn.ampproject.org/v/s/example.com/a?amp=1",
        "https://example-com.cdn.ampproject.org/c/example.com/a",
    ],
)
def test_addresses_of_one_story_have_one_key(url: str) -> None:
    """Scheme, www, port, fragment, trackers, slash and AMP caches do not make another story."""
    assert canonical_url(url) == "example.com/a"


def test_keys_keep_what_matters() -> None:
    """Query and letter case of the path tell stories apart; the order of the query does not."""
    assert canonical_url("https://x.com/a?b=1&a=2") == canonical_url("https://x.com/a?a=2&b=1") == "x.com/a?a=2&b=1"
    assert canonical_url("https://x.com/A") != canonical_url("https://x.com/a")
    assert canonical_url("https://x.com/?p=1") != canonical_url("https://x.com/?p=2")
    assert canonical_url("javascript:alert(1)") == ""


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("crn.com", "crn.com"),
        (" CRN.com. ", "crn.com"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("https://crn.com/", ""),
        ("crn", ""),
        ("1.2.3.4", ""),
        ("a..b", ""),
        ("-a.com", ""),
        ("a b.com", ""),
        ("../etc.passwd", ""),
        ("a_b.com", ""),
        ("", ""),
        ("x" * 64 + ".com", ""),
        ("\ud800.com", ""),
    ],
)
def test_a_domain_is_a_host_name_with_a_dot(text: str, domain: str) -> None:
    """Everything else is no domain, and its outlet has no page."""
    assert valid_domain(text) == domain


def test_the_host_of_an_address_names_its_outlet() -> None:
    """`www.` is not part of a name."""
    assert host_of("https://www.crn.com:443/x?y") == "crn.com"
    assert host_of("http://localhost/x") == ""


@settings(max_examples=800, deadline=None)
@given(
    st.text(max_size=60)
    | st.text(max_size=40).map(lambda text: f"https://example.com/{text}")
    | st.text(alphabet=st.sampled_from(list("htps:/@[]?#%2e.\\x&=0١é\u3002\u00ad")), max_size=30).map(
        "https://".__add__
    )
)
@example("https://\u00ad")
@example("https://x:\u0661/")
def test_any_text_is_cleaned_once_or_refused(text: str) -> None:
    """Cleaning is idempotent, never raises anything but a refusal, and leaves nothing that could end an attribute."""
    assert canonical_url(canonical_url(text)) is not None
    assert valid_domain(text) == valid_domain(valid_domain(text))
    try:
        clean = clean_url(text)
    except BadUrl:
        return
    assert clean_url(clean) == clean
    assert PUBLISHABLE.fullmatch(clean)
    assert urlsplit(clean).hostname
    assert canonical_url(clean) == canonical_url(text) != ""
