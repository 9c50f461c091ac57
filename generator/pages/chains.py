"""Chains: articles of one topic or section, one after the other, in which each has its place."""

from __future__ import annotations

from typing import NamedTuple

from generator.theme.parts import Link


class Member(NamedTuple):
    """An article in a chain: what a link to it says, and the site path where it leads."""

    title: str
    address: str


class Chain(NamedTuple):
    """A topic's or a section's articles, newest first."""

    within: Link  # of the list itself
    members: list[Member]


Places = dict[str, tuple[Chain, int, Chain, int]]  # by an article's path: in its topic's chain, in its section's
