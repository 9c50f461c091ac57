"""What templates compile to: Jinja's code, but that a record's field is read, and a text escaped, where it stands.

A page reads some hundred fields. Each is a call of the environment in Jinja's own code, and another one to escape it;
with both in place a page takes a sixth less time. What is no record goes to the environment as before.
"""

from __future__ import annotations

from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame, optimizeconst
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.base.record import Record
from generator.theme import parts, views
from generator.theme.parts import Digested
from generator.theme.templates import take_parsed
from generator.theme.translate import translated
from generator.theme.words import Forms, Words

_NAMES = vars(parts) | vars(views)
_KINDS = [kind for kind in _NAMES.values() if isinstance(kind, type) and issubclass(kind, Record)]

# How templates are written. Nothing in it depends on a site, so that equal templates have equal code in all sites.
SYNTAX: dict[str, Any] = {
    "autoescape": True,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "extensions": ["jinja2.ext.i18n"],
}
FILTERS = ("date", "time", "datetime", "month", "iso", "number", "picture")  # ours: what they say depends on a site
Messages = tuple[tuple[str, Forms], ...]  # those of `Words`, to be a key

# Every field that a template can name, with the records that have it. None of them starts with an underscore: Python's
# internals are out of reach.
FIELDS = {
    field: frozenset(k for k in _KINDS if field in k.__struct_fields__) for k in _KINDS for field in k.__struct_fields__
}


def runtime(escape_text: Any) -> dict[str, Any]:
    """Return the names that the compiled code uses besides Jinja's own."""
    return {"Digested": Digested, "escape_text": escape_text} | {f"has_{name}": kinds for name, kinds in FIELDS.items()}


@lru_cache(maxsize=256)
def template_code(text: str, name: str, path: str, messages: Messages) -> CodeType:
    """Return a template's code in a language; `path` is for messages.

    Raises:
        TemplateSyntaxError: where the text is no template.
    """
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, **SYNTAX)
    environment.filters.update(dict.fromkeys(FILTERS, _later))
    environment.code_generator_class = type("Compiler", (Compiler,), {"words": Words(dict(messages))})
    tree = take_parsed(text)
    if tree:
        tree.set_environment(environment)
    return environment.compile(tree or text, name, path)


def _later(*_: object) -> object:
    """Stand for a filter of ours, so that Jinja computes nothing with it before there is a site."""
    raise TypeError


class Compiler(CodeGenerator):
    """Jinja's code generator (its extension point `code_generator_class`)."""

    words = Words()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._escaped: list[str] = []  # the variables of the outputs that are being written, "" for one left to Jinja

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 (Jinja's name)
        """Write a template in the language of the words."""
        super().visit_Template(translated(node, self.words), frame)

    @optimizeconst
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        """Write `node.field` as a plain attribute where the object is a record that has it."""
        name = node.attr
        if name not in FIELDS:
            super().visit_Getattr(node, frame)
            return
        owner = self.temporary_identifier()
        self.write(f"({owner}.record.{name} if type({owner} := ")
        self.visit(node.node, frame)
        self.write(f") is Digested and type({owner}.record) in has_{name} ")
        self.write(f"else {owner}.{name} if type({owner}) in has_{name} ")
        self.write(f"else environment.getattr({owner}, {name!r}))")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            self._escaped.append("")
            super()._output_child_pre(node, frame, finalize)
            return
        self._escaped.append(self.temporary_identifier())
        self.write(f"(escape_text({self._escaped[-1]}) if type({self._escaped[-1]} := ")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        value = self._escaped.pop()
        if value:
            self.write(f") is str else escape({value}))")
        else:
            super()._output_child_post(node, frame, finalize)
