"""client: who is asked is who was checked."""

from __future__ import annotations

from generator.network.client import system_addresses


def test_numbers_in_any_notation_are_addresses() -> None:
    """The system reads them all; so the check of what it found is a check of all of them."""
    for host in ("127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1"):
        assert system_addresses(host, 80) == ["127.0.0.1"]
    assert system_addresses("::ffff:127.0.0.1", 80) == ["::ffff:7f00:1"]
