"""Noise: files that editors and systems keep beside the sources; they are no change of the site."""

from __future__ import annotations

import re
from pathlib import PurePath

_STATIC = frozenset({"static", "_static"})  # in these folders every file is published, whatever it is called
_NEVER = frozenset({".DS_Store", ".git"})  # these are read nowhere
_NOISE = re.compile(
    r"""
      \..*\.sw[a-px] | \..*\.crswap | \..*\.kate-swp   # swap files: Vim, code editors in browsers, Kate
    | .*~ | \.~lock\..*\#                              # copies of Vim and Emacs, locks of office programs
    | \.\#.* | \#.*\#                                  # locks and autosaves of Emacs
    | .*___jb_(tmp|old)___                             # JetBrains
    | \.goutputstream-.* | \.nfs.* | \.fuse_hidden.*   # GLib, network file systems
    | \._.* | Thumbs\.db | desktop\.ini                # macOS, Windows
    """,
    re.VERBOSE,
)


def is_noise(path: str) -> bool:
    """Tell whether a file can never be a source: by its name, and by the folders that it lies in."""
    *folders, name = PurePath(path).parts
    if name in _NEVER or ".git" in folders:
        return True
    return _NOISE.fullmatch(name) is not None and _STATIC.isdisjoint(folders)
