"""Fingerprints of code: the source of an action's import closure and the versions of the libraries that it uses."""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path

from generator.base.digest import digest_bytes

PACKAGE = Path(__file__).parents[1]

# The distributions whose versions shape the bytes that an imported library makes.
DISTRIBUTIONS = {
    "PIL": ("pillow",),
    "babel": ("babel",),
    "click": ("click",),
    "feedgenerator": ("feedgenerator",),
    "frontmatter": ("python_frontmatter", "pyyaml"),
    "idna": ("idna",),
    "jinja2": ("jinja2", "markupsafe"),
    "markdown": ("markdown",),
    "markupsafe": ("markupsafe",),
    "msgspec": ("msgspec",),
    "nh3": ("nh3",),
    "rich": ("rich",),
    "watchdog": ("watchdog",),
    "yaml": ("pyyaml",),
    "yaml_rs": ("yaml_rs",),
    "zoneinfo": ("tzdata",),
}


class Code:
    """The code of the package at rest: answers what the import closure of a module is."""

    def __init__(self, package: Path = PACKAGE):
        self._package = package
        self._installed = _installed()
        self._files: dict[str, tuple[bytes, frozenset[str]]] = {}

    def fingerprint(self, module: str) -> bytes:
        """Return the digest of all code that importing `module` (`generator.pages.feeds`) can run.

        Imports inside functions count; so do Python's version and those of third-party distributions.
        """
        seen: dict[str, bytes] = {}
        libraries: set[str] = set()
        todo = [module]
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen[name], imports = self._read(name)
            todo += (found for found in imports if found.startswith(f"{self._package.name}.") and self._file(found))
            libraries |= {found.split(".")[0] for found in imports}
        versions = sorted(self._installed.get(d, d) for lib in libraries for d in DISTRIBUTIONS.get(lib, ()))
        code = [f"{name}\0".encode() + digest for name, digest in sorted(seen.items())]
        return digest_bytes(sys.version.encode(), "\n".join(versions).encode(), *code)

    def _file(self, module: str) -> Path | None:
        path = self._package.parent.joinpath(*module.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
        return None

    def _read(self, module: str) -> tuple[bytes, frozenset[str]]:
        if module not in self._files:
            file = self._file(module)
            data = file.read_bytes() if file else b""
            self._files[module] = digest_bytes(data), frozenset(_imports(data))
        return self._files[module]


def _imports(source: bytes) -> set[str]:
    """Return every module that the source may import, also inside functions; `from a import b` may mean `a.b`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _installed() -> dict[str, str]:
    """Return distribution name → "name-version" by the names of the `*.dist-info` folders on the path: no file is read."""
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in sorted(names):
            if match := re.fullmatch(r"([^-]+)-(.+)\.dist-info", name):
                key = match[1].lower().replace(".", "_")
                found.setdefault(key, f"{key}-{match[2]}")
    return found
