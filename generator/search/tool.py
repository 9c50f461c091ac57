"""Tool: Pagefind makes an index of pages, where it is installed (extra `search`)."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.base.files import survey
from generator.search.document import Document, has_words, page

_PACKAGES = ("pagefind_bin_extended", "pagefind_bin")  # the first knows words of Chinese, Japanese and Thai
_UNUSED = re.compile(r"pagefind-(?:[a-z]+-)?ui\.|pagefind-highlight\.")  # scripts that our page does without


class ToolFailed(Exception):
    """Pagefind did not make an index; says why."""


def installed() -> bool:
    """Tell whether Pagefind is there; nothing of it is imported."""
    return any(find_spec(name) for name in _PACKAGES)


def make_index(documents: Iterable[tuple[Document, str]], language: str) -> dict[str, bytes]:
    """Return the files of an index of documents, each given with its commentary (HTML), by name.

    The tool is not reproducible: two indexes of the same documents find the same and differ in some bytes.

    Raises:
        ToolFailed: with what the tool says.
    """
    with TemporaryDirectory(prefix="broadsheet-search-") as folder:
        pages, made = Path(folder, "pages"), Path(folder, "made")
        worded = False
        for document, commentary in documents:
            worded = worded or has_words(document.title + document.excerpt)
            place = pages / document.address
            place.mkdir(parents=True)
            (place / "index.html").write_text(page(document, commentary), "utf-8", "replace")
        if not worded:  # the tool fails where there is nothing to index
            return {}
        _run(folder, "--site", str(pages), "--output-path", str(made), "--force-language", primary(language))
        names = sorted(path for path, _ in survey(str(made)) if not _UNUSED.match(path))
        return {name: (made / name).read_bytes() for name in names}


def primary(language: str) -> str:
    """Return the part of a language tag by which Pagefind picks its rules.

    >>> primary("pt-BR")
    'pt'
    """
    return re.split("[-_]", language)[0].lower()


def _run(folder: str, *options: str) -> None:
    """Run the tool where it finds no settings of somebody else's."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
    try:
        command = [_executable(), *options, "--quiet"]
        subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=known)  # noqa: S603
    except OSError as error:
        raise ToolFailed(f"Pagefind cannot be started: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines()
        raise ToolFailed(f"Pagefind says: {said[-1] if said else f'exit code {error.returncode}'}") from error


def _executable() -> str:
    try:
        import pagefind_bin_extended as package
    except ImportError:
        import pagefind_bin as package
    try:
        return str(package.get_executable())
    except FileNotFoundError as error:
        raise ToolFailed(str(error)) from error
