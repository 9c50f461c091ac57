"""Fingerprints of code: the source of an action's import closure and the versions of the libraries that it uses."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from generator.base.digest import digest_bytes
from generator.builder.memo import Memo

PACKAGE = Path(__file__).parents[1]

# The distributions whose versions shape the bytes that an imported library makes.
DISTRIBUTIONS = {
    "PIL": ("pillow",),
    "asyncssh": ("asyncssh",),
    "babel": ("babel",),
    "boto3": ("boto3",),
    "botocore": ("botocore",),
    "brotli": ("brotli",),
    "click": ("click",),
    "distributed": ("distributed",),
    "feedgenerator": ("feedgenerator",),
    "frontmatter": ("python_frontmatter", "pyyaml"),
    "httpcore2": ("httpcore2",),
    "idna": ("idna",),
    "jinja2": ("jinja2", "markupsafe"),
    "markdown": ("markdown",),
    "markupsafe": ("markupsafe",),
    "minify": ("tdewolff_minify",),
    "msgspec": ("msgspec",),
    "nh3": ("nh3",),
    "pagefind_bin": ("pagefind_bin",),
    "pagefind_bin_extended": ("pagefind_bin_extended",),
    "resvg_py": ("resvg_py",),
    "rich": ("rich",),
    "starlette": ("starlette",),
    "uvicorn": ("uvicorn",),
    "watchdog": ("watchdog",),
    "yaml": ("pyyaml",),
    "yaml_rs": ("yaml_rs",),
    "zoneinfo": ("tzdata",),
}


class Code:
    """The code of the package at rest: answers what the import closure of a module is."""

    def __init__(self, package: Path = PACKAGE, memo: Memo | None = None):
        self._package = package
        self._memo = memo or Memo({})
        self._installed = _installed()
        self._sources = {
            file.relative_to(package.parent).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): (
                file.read_bytes()
            )
            for file in sorted(package.rglob("*.py"))
        }
        texts = (f"{name}\0".encode() + digest_bytes(data) for name, data in self._sources.items())
        self.digest = digest_bytes(sys.version.encode(), repr(sorted(self._installed.items())).encode(), *texts)

    def fingerprint(self, module: str) -> bytes:
        """Return the digest of all code that importing `module` (`generator.pages.feeds`) can run.

        Imports inside functions count; so do Python's version and those of third-party distributions.
        """
        return self._memo.get(module, self.digest, lambda: self._fingerprint(module))

    def own_digest(self, module: str) -> bytes:
        """Return the digest of a module's own source, for glue whose imports are fingerprinted one by one."""
        return digest_bytes(self._sources[module])

    def needs(self, module: str) -> dict[str, str]:
        """Return what the fingerprint of `module` is of, part by part: Python, our code, each library."""
        code, versions = self._closure(module)
        ours = digest_bytes(*code).hex()[:12]
        return {"Python": sys.version, "Broadsheet's code": ours} | {v.partition("-")[0]: v for v in versions}

    def _fingerprint(self, module: str) -> bytes:
        code, versions = self._closure(module)
        return digest_bytes(sys.version.encode(), "\n".join(versions).encode(), *code)

    def _closure(self, module: str) -> tuple[list[bytes], list[str]]:
        """Return name and digest of every source that importing `module` can run, and the libraries' versions."""
        seen: dict[str, bytes] = {}
        libraries: set[str] = set()
        todo = [module]
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            source = self._sources[name]
            seen[name], imports = digest_bytes(source), _imports(source)
            todo += [found for found in imports | self._rooms(name) if found in self._sources]
            libraries |= {found.split(".")[0] for found in imports}
        versions = sorted(self._installed.get(d, d) for lib in libraries for d in DISTRIBUTIONS.get(lib, ()))
        code = [f"{name}\0".encode() + digest for name, digest in sorted(seen.items())]
        return code, versions

    def _rooms(self, module: str) -> set[str]:
        """Return the packages that importing a module runs, too, but our own root: it holds the version and no code."""
        parts = module.split(".")
        return {".".join(parts[:at]) for at in range(2, len(parts))}


def _imports(source: bytes) -> set[str]:
    """Return every module that the source may import, also inside functions; `from a import b` may mean `a.b`.

    Found as text: parsing the whole package would cost half a second in every build. What only looks like an import
    (in a docstring) makes the closure larger, never smaller.
    """
    names: set[str] = set()
    for plain, module, imported in _IMPORT.findall(source.decode()):
        if module:
            names |= {module} | {f"{module}.{name}" for name in _NAME.findall(imported)}
        else:
            names |= set(_NAME.findall(plain))
    return names


_IMPORT = re.compile(r"^[ \t]*(?:import[ \t]+([^\n#]+)|from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*))", re.M)
_NAME = re.compile(r"[\w.]+")


def _installed() -> dict[str, str]:
    """Return distribution → "name-version", by the names of the `*.dist-info` folders on the path: nothing is read."""
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
