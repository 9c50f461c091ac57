"""Translate templates before they are compiled: a constant message becomes its text, which costs nothing to render."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from generator.theme.words import CONTEXTS, Words

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_AT_ONCE = ("_", "gettext", "pgettext")


def translated(tree: nodes.Template, words: Words) -> nodes.Template:
    """Return a template in a language. What depends on a number, or is computed, is found when it is rendered.

    `_("…")` is text, and escaped where it is shown. `{% trans %}` is markup, as all that stands between tags of a
    template; what is put into it is escaped.
    """
    result = _Translator(words).visit(tree)
    assert isinstance(result, nodes.Template)
    return result


class _Translator(NodeTransformer):
    def __init__(self, words: Words):
        self._functions = words.functions()

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 (Jinja's name)
        self.generic_visit(node)
        name, texts = message_of(node)
        if name in _AT_ONCE and texts and len(texts) == len(node.args) == 1 + CONTEXTS[name]:
            return nodes.Const(self._functions[name](*texts), lineno=node.lineno)
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 (Jinja's name)
        self.generic_visit(node)
        node.nodes = [part for child in node.nodes for part in _parts(child)]
        return node


def message_of(call: nodes.Call) -> tuple[str, tuple[str, ...]]:
    """Return the gettext function that is called, and the texts that it is called with; "" for another function."""
    name = call.node.name if isinstance(call.node, nodes.Name) else ""
    if name not in CONTEXTS or call.kwargs or call.dyn_args or call.dyn_kwargs:
        return name if name in CONTEXTS else "", ()
    texts = (arg.value for arg in call.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str))
    return name, tuple(texts)


def _parts(node: nodes.Expr) -> Iterator[nodes.Expr]:
    """Yield what a translated `{% trans %}` with placeholders is made of; anything else as it is."""
    if not isinstance(node, nodes.Mod) or not isinstance(node.left, nodes.MarkSafeIfAutoescape):
        yield node
        return
    text, values = node.left.expr, node.right
    if not isinstance(text, nodes.Const) or not isinstance(values, nodes.Dict):
        yield node
        return
    given = {pair.key.value: pair.value for pair in values.items if isinstance(pair.key, nodes.Const)}
    for at, part in enumerate(_PLACEHOLDER.split(text.value)):
        if at % 2:
            yield given[part]
        elif part:
            yield nodes.TemplateData(part.replace("%%", "%"), lineno=node.lineno)
