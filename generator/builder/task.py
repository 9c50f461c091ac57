"""A task: an output, the action that makes it, and the inputs that its key stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, NamedTuple, TypeVar

from generator.base.digest import digest_record

World = TypeVar("World", contravariant=True)
PART = 8  # bytes that code and template take in a key

Reason = Literal["new", "code", "template", "data", "forced"]


class Action(NamedTuple, Generic[World]):
    """A pure way to make outputs: `inputs` gathers all that the bytes depend on, `make` turns it into bytes.

    Both are module-level functions and get the world: read-only things that all tasks of a build share. What `make`
    reads of the world must be named by the inputs, by the code fingerprint or by `template`.
    """

    inputs: Callable[[World, object], object]
    make: Callable[[World, object], tuple[bytes, ...]]
    fingerprint: bytes
    template: bytes = b""  # digest of the template and of all that it extends, includes or imports
    costly: bool = False  # the store keeps its bytes, too: pictures
    together: int = 100  # how many tasks of its kind, one after another, go to a worker at once


class Task(NamedTuple):
    """Work to do: `action` names an `Action`; `argument` says which of its outputs, in a few plain values."""

    outputs: tuple[str, ...]
    action: str
    argument: object


def task_key(action: Action[World], inputs: object) -> bytes:
    """Return the key of a task: code, template and inputs side by side, so that two keys can be told apart by part."""
    return key_head(action) + digest_record(inputs)


def key_head(action: Action[World]) -> bytes:
    """Return the part that the keys of all of an action's tasks share: code and template."""
    return action.fingerprint[:PART].ljust(PART, b"\0") + action.template[:PART].ljust(PART, b"\0")


def why(old: bytes | None, new: bytes) -> Reason:
    """Say why a task with key `new` runs where `old` was known."""
    if old is None:
        return "new"
    if old[:PART] != new[:PART]:
        return "code"
    if old[PART : 2 * PART] != new[PART : 2 * PART]:
        return "template"
    return "data" if old != new else "forced"
