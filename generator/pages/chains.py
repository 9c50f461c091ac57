"""Chains: articles of one topic or section, one after the other, in which each has its place."""

from __future__ import annotations

from typing import NamedTuple

from generator.theme.parts import Link


class Chain(NamedTuple):
    """A topic's or a section's articles, newest first."""

    within: Link  # of the list itself
    links: list[Link]


Places = dict[str, tuple[Chain, int, Chain, int]]  # by an article's path: in its topic's chain, in its section's
