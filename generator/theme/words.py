"""Words: what pages say in the site's language, found by the English that stands in templates and program."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from gettext import c2py

from generator.base.record import Record

CONTEXT_END = "\4"  # between a context and its message, as in gettext's own files
ENGLISH = "(n != 1)"


class Forms(Record, frozen=True):
    """A message in a language: its text, or its plural forms with the formula (C) that picks one by a number."""

    texts: tuple[str, ...]
    formula: str = ""


class Words(Record, frozen=True):
    """The messages of a language; what is not among them stays English. The functions are gettext's."""

    messages: dict[str, Forms] = {}  # by `key`
    languages: tuple[str, ...] = ("en",)  # all that the theme has words in

    def gettext(self, message: str) -> str:
        """Return a message in the language."""
        forms = self.messages.get(message)
        return forms.texts[0] if forms else message

    def pgettext(self, context: str, message: str) -> str:
        """Return a message that means this in a context and might mean something else in another."""
        forms = self.messages.get(key(message, context))
        return forms.texts[0] if forms else message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form of a message that goes with a number."""
        return _form(self.messages.get(singular), singular, plural, number)

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        """Return the form of a message in a context that goes with a number."""
        return _form(self.messages.get(key(singular, context)), singular, plural, number)

    def functions(self) -> dict[str, Callable[..., str]]:
        """Return the templates' functions by name."""
        return {
            "_": self.gettext,
            "gettext": self.gettext,
            "ngettext": self.ngettext,
            "pgettext": self.pgettext,
            "npgettext": self.npgettext,
        }


CONTEXTS = {"_": False, "gettext": False, "ngettext": False, "pgettext": True, "npgettext": True}  # first argument?


def key(message: str, context: str = "") -> str:
    """Return what a message is found by."""
    return f"{context}{CONTEXT_END}{message}" if context else message


def _form(forms: Forms | None, singular: str, plural: str, number: int) -> str:
    texts, formula = (forms.texts, forms.formula) if forms else ((singular, plural), "")
    return texts[min(plural_index(formula or ENGLISH)(number), len(texts) - 1)]


@lru_cache(maxsize=64)
def plural_index(formula: str) -> Callable[[int], int]:
    """Return a plural formula as a function from a number to the form that goes with it.

    Raises:
        ValueError: where it is none.
    """
    return c2py(formula)
