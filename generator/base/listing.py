"""The listing in output/: what builds of ours wrote, whatever happens to the cache."""

from __future__ import annotations

NAME = ".broadsheet"


def decode_listing(data: bytes) -> set[str]:
    """Return the outputs that a listing names, one in each line as `digest size path`.

    What is no such line is passed over, and so is a path that leads out of the folder.
    """
    rows = [line.split(" ", 2) for line in data.decode("utf-8", "replace").split("\n")]
    paths = {row[2] for row in rows if len(row) == 3}
    if b".." in data or b" /" in data:
        return {path for path in paths if _is_inside(path)}
    return paths


def decode_rows(data: bytes) -> list[tuple[str, str, int]]:
    """Return (path, digest, size) of each output that a whole listing names."""
    rows = (line.split(" ", 2) for line in data.decode().split("\n") if line)
    return [(path, digest, int(size)) for digest, size, path in rows]


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and (".." not in path or ".." not in path.split("/"))
