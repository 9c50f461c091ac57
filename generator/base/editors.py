"""Editors: those that are known by name, and what is wrong with the setting `editor`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches

_AT = "{file}:{line}:{column}"
_GOTO = ("--goto", _AT)
_LINE_COLUMN = ("--line", "{line}", "--column", "{column}", "{file}")
EDITORS: dict[str, tuple[str, ...]] = {
    **{name: (name, *_GOTO) for name in ("code", "code-insiders", "codium", "cursor", "positron", "windsurf")},
    **{name: (name, _AT) for name in ("subl", "zed", "zeditor")},
    **{name: (name, *_LINE_COLUMN) for name in ("idea", "kate", "phpstorm", "pycharm", "webstorm")},
    "bbedit": ("bbedit", "+{line}:{column}", "{file}"),
    "emacsclient": ("emacsclient", "--no-wait", "+{line}:{column}", "{file}"),
    "gedit": ("gedit", "{file}", "+{line}:{column}"),
    "gnome-text-editor": ("gnome-text-editor", "{file}"),
    "gvim": ("gvim", "--remote-silent", "+{line}", "{file}"),
    "mate": ("mate", "--line", "{line}:{column}", "{file}"),
    "mousepad": ("mousepad", "--line", "{line}", "--column", "{column}", "{file}"),
    "mvim": ("mvim", "--remote-silent", "+{line}", "{file}"),
    "notepad++": ("notepad++", "-n{line}", "-c{column}", "{file}"),
    "xed": ("xed", "--line", "{line}", "{file}"),
}
TERMINAL_EDITORS = frozenset(
    {"ed", "emacs", "helix", "hx", "joe", "kak", "micro", "nano", "ne", "nvim", "pico", "vi", "vim"}
)


def editor_complaint(setting: str | Sequence[str]) -> tuple[str, str] | None:
    """Return (what is wrong, what would be right) of the setting `editor`, None where it is good."""
    if isinstance(setting, str):
        return _name_complaint(setting) if setting else None
    if not setting or not setting[0]:
        return "names no program", 'write it as ["my-editor", "{file}", "+{line}"]'
    if not any("{file}" in argument for argument in setting[1:]):
        return "leaves out the file", 'one of its arguments holds {file}: ["my-editor", "{file}", "+{line}"]'
    if "\0" in "".join(setting):
        return "holds the character U+0000", "take it out"
    if os.path.basename(setting[0]) != setting[0] and not os.path.isabs(setting[0]):
        return f"{setting[0]!r} is a path inside some folder", "name a program of the PATH, or give its whole path"
    return None


def _name_complaint(name: str) -> tuple[str, str] | None:
    if name in EDITORS:
        return None
    if name in TERMINAL_EDITORS:
        hint = 'it needs a terminal, which preview cannot open; name one with a window ("code", "gvim"), or a terminal '
        return f"{name!r} cannot be opened by a click", hint + 'with it: ["xterm", "-e", "vim", "+{line}", "{file}"]'
    near = get_close_matches(name.lower(), EDITORS, 1)
    hint = f'did you mean "{near[0]}"?' if near else "known are: " + ", ".join(sorted(EDITORS))
    return f"{name!r} is no editor that is known", f'{hint}; any other: ["my-editor", "{{file}}", "+{{line}}"]'
