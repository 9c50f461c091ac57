"""guard: what may be asked, and what may not be in any notation."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.network.guard import Place, is_public, place_of, redirected
from generator.network.trouble import FetchFailed


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://A.example/x.png", Place("https", "a.example", 443, "/x.png", "a.example")),
        ("http://a.example:8080", Place("http", "a.example", 8080, "/", "a.example:8080")),
        ("http://a.example.:80/ü x?q=ä&b#f", Place("http", "a.example", 80, "/%C3%BC%20x?q=%C3%A4&b", "a.example")),
        ("https://me:secret@a.example/%20%zz", Place("https", "a.example", 443, "/%20%zz", "a.example")),
        ("http://[2001:DB8::1]:9/", Place("http", "2001:db8::1", 9, "/", "[2001:db8::1]:9")),
        ("https://bücher.example/", Place("https", "xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example")),
        ("http://①②⑦.⓪.⓪.①/", Place("http", "127.0.0.1", 80, "/", "127.0.0.1")),
    ],
)
def test_an_address_leads_to_a_place(url: str, place: Place) -> None:
    """Host in ASCII, the port, and a target of plain characters; names and passwords are dropped."""
    assert place_of(url, {}) == place


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://a.example/x",
            "file:///etc/passwd",
            "data:image/png;base64,AA",
            "javascript:1",
            "//a.example/x",
            "x.png",
        ),
        *("http://", "http:///x", "http://[::1", "http://a.example:99999/", "http://a.example:0/", "http://a b/", ""),
    ],
)
def test_only_web_addresses_are_asked(url: str) -> None:
    """Other schemes, no host and broken ones are refused with a sentence."""
    with pytest.raises(FetchFailed) as caught:
        place_of(url, {})
    assert (caught.value.kind, bool(caught.value.why)) == ("address", True)


def test_a_map_sends_a_host_elsewhere() -> None:
    """The server there is asked for the same target and told the host that was meant."""
    host_map = {
        "cdn.example": "http://127.0.0.1:9000",
        "b.example:81": "https://c.example",
        "[::1]": "http://d.example",
    }
    assert place_of("https://CDN.example/a?b", host_map) == Place("http", "127.0.0.1", 9000, "/a?b", "cdn.example")
    assert place_of("http://b.example:81/", host_map) == Place("https", "c.example", 443, "/", "b.example:81")
    assert place_of("http://b.example/", host_map).host == "b.example"
    assert place_of("http://[::1]/", host_map).host == "d.example"


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("/b?c#d", "https://a.example/b?c"),
        ("b", "https://a.example/x/b"),
        ("//b.example/", "https://b.example/"),
        (" http://b.example/ ", "http://b.example/"),
        ("/ü".encode().decode("latin-1"), "https://a.example/ü"),
    ],
)
def test_a_redirect_leads_on(location: str, leads: str) -> None:
    """Relative, without a scheme, to another one, and in UTF-8, as servers do."""
    assert redirected("https://a.example/x/y", location) == leads


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://[/", "mailto:a@b.example", "http://:80/"])
def test_a_redirect_leads_to_the_web(location: str) -> None:
    """No redirect leaves it."""
    with pytest.raises(FetchFailed):
        redirected("https://a.example/", location)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
        *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.1"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        *("2002:7f00:1::", "2002:a00:1::1", "2001:0:53aa:64c:0:fbff:f5ff:fffe", "2001:db8::1", "3fff::1"),
        *("fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1", "64:ff9b:1::1"),
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    """Loopback, private, link-local, metadata, multicast and reserved networks, also inside an IPv6 address."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822", "2002:5db8:d822::1"],
)
def test_what_is_public_may_be_asked(address: str) -> None:
    """Addresses of the public network, in either version."""
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_every_notation(address: IPv4Address) -> None:
    """An IPv4 address is as public in an IPv6 address as it is alone, and never where Python knows it is not."""
    plain = is_public(str(address))
    assert is_public(str(IPv6Address(bytes(10) + b"\xff\xff" + address.packed))) == plain
    assert is_public(str(IPv6Address(b"\0\x64\xff\x9b" + b"\0" * 8 + address.packed))) == plain
    assert is_public(str(IPv6Address(b"\x20\x02" + address.packed + b"\0" * 10))) == plain
    assert not plain or (address.is_global and not address.is_multicast)


@given(st.ip_addresses(v=6))
def test_a_public_ipv6_address_is_handed_out_to_the_public(address: IPv6Address) -> None:
    """Whatever holds no IPv4 address is public only in the network that is handed out."""
    holds_v4 = address.ipv4_mapped or address.packed[:12] == b"\0\x64\xff\x9b" + bytes(8)
    assert not is_public(str(address)) or holds_v4 or int(address) >> 125 == 1


@given(st.text(max_size=60))
def test_no_text_breaks_the_guard(text: str) -> None:
    """Any text is a place or a sentence."""
    for url in (text, f"http://{text}", f"https://a.example/{text}"):
        try:
            place = place_of(url, {})
        except FetchFailed:
            continue
        assert (place.host + place.target + place.authority).isascii()
        assert not set(place.target + place.authority) & set(" \r\n\t#")
