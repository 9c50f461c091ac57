"""Direction: which way a language is written."""

from __future__ import annotations

import re

_RTL = frozenset({"ar", "arc", "ckb", "dv", "fa", "ha", "he", "khw", "ks", "ps", "sd", "ug", "ur", "yi"})
_RTL_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})


def direction(language: str) -> str:
    """Return `rtl` or `ltr` for a language tag (BCP 47).

    >>> [direction(tag) for tag in ("en", "ar-EG", "he", "az-Arab", "ha-Latn")]
    ['ltr', 'rtl', 'rtl', 'rtl', 'ltr']
    """
    first, *more = language.replace("_", "-").lower().split("-")
    script = next((part for part in more if len(part) == 4 and part.isalpha()), "")
    return "rtl" if (script in _RTL_SCRIPTS if script else first in _RTL) else "ltr"


def item_direction(language: str, site: str, title: str) -> str:
    """Return the `dir` of an item's text: its language's, and where that is the site's own, what its title looks like.

    A browser (`auto`) goes by the first letters. A headline from right to left often begins with a name in Latin
    letters; one with no letter of such a script is in another language, and nobody said so.

    >>> [item_direction("ar", "ar", title) for title in ("خبر", "OpenAI تعلن", "2024 in pictures")]
    ['rtl', 'rtl', 'auto']
    """
    own = direction(language)
    if language != site or (own == "rtl" and _RTL_LETTER.search(title)):
        return own
    return "auto"


_RTL_LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
