"""A fingerprint changes with the code that can run, and with nothing else."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from site_kit import REPOSITORY

from generator.builder.fingerprint import DISTRIBUTIONS, Code, _imports
from generator.builder.memo import Memo

GENERATOR = REPOSITORY / "generator"
FILES = sorted(GENERATOR.rglob("*.py"))
PACKAGE = {
    "pkg/__init__.py": '"""Holds the version."""',
    "pkg/pages/__init__.py": "",
    "pkg/pages/page.py": "from pkg.base import words\nimport pkg.pages.feed as feed, pkg.pages.more\n",
    "pkg/pages/feed.py": "def make():\n    from pkg.late import (\n        now,\n    )\n    import PIL.Image\n",
    "pkg/pages/more.py": "import json\n",
    "pkg/pages/other.py": "from pkg.pages import page\n",
    "pkg/base/__init__.py": "",
    "pkg/base/words.py": "WORDS = 1\n",
    "pkg/base/unused.py": "",
    "pkg/late/__init__.py": "from pkg.late.now import now\n",
    "pkg/late/now.py": "def now(): pass\n",
    "pkg/__main__.py": "import pkg.pages.other\n",
}
CLOSURE = {
    "pkg/pages/__init__.py",
    "pkg/pages/page.py",
    "pkg/pages/feed.py",
    "pkg/pages/more.py",
    "pkg/base/__init__.py",
    "pkg/base/words.py",
    "pkg/late/__init__.py",
    "pkg/late/now.py",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_package(tmp_path)


def write_package(folder: Path) -> Path:
    for name, text in PACKAGE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder / "pkg"


def fingerprint(package: Path) -> bytes:
    return Code(package).fingerprint("pkg.pages.page")


@pytest.mark.parametrize("name", PACKAGE)
def test_changes_with_the_closure_only(package: Path, name: str) -> None:
    """A file counts if importing the module can run it: also from inside a function, also as a package's own code."""
    before = fingerprint(package)
    file = package.parent / name
    file.write_text(file.read_text() + "# changed\n")
    assert (fingerprint(package) != before) == (name in CLOSURE)


def test_new_file_counts_once_imported(package: Path) -> None:
    """A file that nothing imports changes nothing; an import of it does."""
    before = fingerprint(package)
    (package / "base" / "new.py").write_text("NEW = 1\n")
    assert fingerprint(package) == before
    (package / "base" / "words.py").write_text("import pkg.base.new\n")
    assert fingerprint(package) != before


def test_same_code_elsewhere(package: Path, tmp_path: Path) -> None:
    """No path of this machine is part of a fingerprint."""
    assert fingerprint(write_package(tmp_path / "elsewhere")) == fingerprint(package)


def test_library_version_counts_for_its_users(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of a library changes the fingerprints of the code that imports it, and no other."""
    page, words = fingerprint(package), Code(package).fingerprint("pkg.base.words")
    (tmp_path / "site-packages" / "pillow-99.1.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site-packages"))
    assert fingerprint(package) != page
    assert Code(package).fingerprint("pkg.base.words") == words


def test_memo_holds_for_the_same_code_only(package: Path) -> None:
    """What was found before is used again until any code changes."""
    first = Memo({})
    page = Code(package, first).fingerprint("pkg.pages.page")
    second = Memo(dict.fromkeys(first.used, b"remembered"))
    assert Code(package, second).fingerprint("pkg.pages.page") == b"remembered"
    assert second.used.keys() == first.used.keys()
    (package / "base" / "unused.py").write_text("CHANGED = 1\n")
    assert Code(package, Memo(second.used)).fingerprint("pkg.pages.page") == page


# -- our own package ---------------------------------------------------------------------------------------------------


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield every module that a file may import, as Python's own parser sees it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import is not followed"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(GENERATOR).as_posix())
def test_no_import_is_missed(file: Path) -> None:
    """What is found as text is at least what the parser finds; nothing is imported in a way that neither sees."""
    source = file.read_bytes()
    assert set(imported(ast.parse(source))) <= _imports(source)
    if file.parent != GENERATOR / "cli":  # no closure of an action holds a command: the import contract sees to that
        # `find_spec` tells whether there is a library, and imports nothing.
        assert not re.search(rb"__import__|importlib(?!\.util import find_spec\n)|\bexec\(|\beval\(", source)


def third_party() -> set[str]:
    tops = {name.split(".")[0] for file in FILES for name in imported(ast.parse(file.read_bytes()))}
    return tops - sys.stdlib_module_names - {"generator"} | {"zoneinfo"}


def test_every_library_is_in_the_table() -> None:
    """A library that the table does not name could change without its users' fingerprints changing."""
    assert third_party() <= DISTRIBUTIONS.keys()


@pytest.mark.parametrize("name", sorted(third_party() - {"zoneinfo", "pagefind_bin_extended"}))  # the other is there
def test_table_names_the_distribution(name: str) -> None:
    """The table's names are those of the distributions that are installed for the import."""
    provided_by = {found.lower().replace("-", "_") for found in packages_distributions()[name]}
    folders = {info.name.lower().split("-")[0] for folder in sys.path for info in Path(folder).glob("*.dist-info")}
    assert provided_by & set(DISTRIBUTIONS[name])
    assert set(DISTRIBUTIONS[name]) <= folders


def test_root_holds_no_code() -> None:
    """The package's root is in no fingerprint, or every release would make all pictures again: it may hold no code."""
    tree = ast.parse((GENERATOR / "__init__.py").read_bytes())
    assert [type(node) for node in tree.body] == [ast.Expr, ast.Assign]


def test_fingerprints_are_apart() -> None:
    """A picture does not depend on the code of pages, nor a page on that of pictures' pixels."""
    pages, pixels = "generator.pages.stories", "generator.images.resize"
    before = Code()
    for name, changed, same in (("pages/stories.py", pages, pixels), ("images/resize.py", pixels, pages)):
        code = Code(memo=Memo({}))
        source = f"generator.{name.removesuffix('.py').replace('/', '.')}"
        code._sources[source] += b"\n# changed\n"
        assert code.fingerprint(changed) != before.fingerprint(changed)
        assert code.fingerprint(same) == before.fingerprint(same)


def test_fingerprint_of_a_copy(tmp_path: Path) -> None:
    """A copy of the package in another folder has the same fingerprints."""
    shutil.copytree(GENERATOR, tmp_path / "generator", ignore=shutil.ignore_patterns("__pycache__", "themes"))
    copy = Code(tmp_path / "generator")
    for module in ("generator.pages.stories", "generator.pages.machines", "generator.images.resize"):
        assert copy.fingerprint(module) == Code().fingerprint(module)
