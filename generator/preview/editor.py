"""The editor: which command opens a file at a line, and starting it, detached and without a shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread

from generator.base.editors import EDITORS
from generator.base.problems import BroadsheetError

HINT = 'write `editor = "code"` into site.toml, or a list: editor = ["my-editor", "{file}", "+{line}"]'


class NoEditor(BroadsheetError):
    """No editor can be started: none is set, it is not installed, or it needs a terminal."""


def choose_editor(setting: str | Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the arguments that open a file, with {file}, {line} and {column} in them; () where no editor is known.

    The setting decides. `site.toml` is often shared, so without it the person's own VISUAL or EDITOR does, if it names
    an editor with a window of its own.
    """
    if setting:
        return EDITORS[setting] if isinstance(setting, str) else tuple(setting)
    for variable in ("VISUAL", "EDITOR"):
        words = environment.get(variable, "").split()
        name = os.path.basename(words[0]).removesuffix(".exe") if words else ""
        if name in EDITORS:
            return (words[0], *EDITORS[name][1:])
    return ()


def editor_arguments(command: Sequence[str], file: Path, line: int, column: int) -> tuple[str, ...]:
    """Return the arguments that open this file. Each stays one argument, whatever the file is called."""
    values = {"{file}": str(file), "{line}": str(max(line, 1)), "{column}": str(max(column, 1))}
    return tuple(_filled(argument, values) for argument in command)


def open_in_editor(command: Sequence[str], file: Path, line: int, column: int) -> None:
    """Start the editor on a file; it lives on when we end.

    Raises:
        NoEditor: it cannot be started.
    """
    if not command:
        raise NoEditor(f"no editor is set; {HINT}")
    arguments = editor_arguments(command, file.absolute(), line, column)
    try:
        # A list of arguments, no shell.
        process = subprocess.Popen(  # noqa: S603
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        why = f"{arguments[0]} cannot be started: {error.strerror}"
        raise NoEditor(f"{why}; is it installed and on the PATH?") from None
    Thread(target=process.wait, name="broadsheet editor", daemon=True).start()  # or it would stay as a zombie


def _filled(argument: str, values: Mapping[str, str]) -> str:
    """Fill the places of an argument in one pass: a file may be called `{line}`."""
    parts = []
    while argument:
        found = [(argument.find(place), place) for place in values if place in argument]
        at, place = min(found, default=(len(argument), ""))
        parts += [argument[:at], values.get(place, "")]
        argument = argument[at + len(place) :]
    return "".join(parts)
