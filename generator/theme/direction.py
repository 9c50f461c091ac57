"""Direction: which way a language is written."""

from __future__ import annotations

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


def item_direction(language: str, site: str) -> str:
    """Return the `dir` of an item's text: its language's; `auto` where it has that of a site written to the right.

    There a text in another language without a word about it is shown as it is written. In a site written to the left
    the first letters say too little: a headline often begins with a name in Latin letters.
    """
    own = direction(language)
    return "auto" if language == site and own == "ltr" else own
