"""What a template names: the templates, fragments and assets that it depends on, found without rendering it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from generator.base.problems import BroadsheetError, Problem
from generator.base.record import Record
from generator.theme.words import CONTEXTS, key

if TYPE_CHECKING:
    from jinja2 import nodes


class TemplateProblem(BroadsheetError):
    """A template is wrong; carries the problem with the template's path and line."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem

    def __reduce__(self) -> tuple[type[TemplateProblem], tuple[Problem]]:
        return TemplateProblem, (self.problem,)


class TemplateUses(Record, frozen=True):
    """What one template names: other templates and assets, each with the line of its use."""

    templates: tuple[tuple[str, int], ...]
    maybe: tuple[str, ...]  # templates that are used where they exist
    assets: tuple[tuple[str, int], ...]
    messages: tuple[str, ...]  # what it says in the site's language, by `words.key`
    any_template: bool  # a template's name is computed: it may be any
    any_asset: bool
    any_message: bool


@lru_cache(maxsize=512)
def template_uses(path: str, text: str) -> TemplateUses:
    """Return what a template's text names; `path` is for messages.

    Raises:
        TemplateProblem: where the text is no template.
    """
    from jinja2 import TemplateSyntaxError, nodes  # costs 65 ms: not for a build in which nothing changed

    try:
        tree = parse(text)
    except TemplateSyntaxError as error:
        raise TemplateProblem(Problem(path, error.lineno, 0, "", error.message or "syntax error")) from None
    found = list(tree.find_all(nodes.Node))
    uses = [*_templates(found), *_calls(found), *_messages(found)]
    if len(_WAITING) == _MOST_WAITING:
        _WAITING.clear()
    _WAITING[text] = tree  # only now: who compiles it changes it
    return TemplateUses(
        templates=tuple((use.name, use.line) for use in uses if use.kind == "template" and use.name),
        maybe=tuple(use.name for use in uses if use.kind == "maybe" and use.name),
        assets=tuple((use.name, use.line) for use in uses if use.kind == "asset" and use.name),
        messages=tuple(sorted({use.name for use in uses if use.kind == "message" and use.name is not None})),
        any_template=any(use.name is None and use.kind in ("template", "maybe") for use in uses),
        any_asset=any(use.name is None and use.kind == "asset" for use in uses),
        any_message=any(use.name is None and use.kind == "message" for use in uses),
    )


def parse(text: str) -> nodes.Template:
    """Parse a template's text as the templates' own environment does."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    return environment.parse(text)


def take_parsed(text: str) -> nodes.Template | None:
    """Give away the tree of a text that was looked through, once: compiling changes it. None where there is none."""
    return _WAITING.pop(text, None)


_WAITING: dict[str, nodes.Template] = {}
_MOST_WAITING = 200


class _Use(NamedTuple):
    kind: str  # template, maybe, asset or message
    name: str | None  # None where it is computed
    line: int


_CALLS = {"fragment": "template", "asset": "asset"}


def _templates(found: list[nodes.Node]) -> Iterator[_Use]:
    """Yield what is extended, imported and included."""
    from jinja2 import nodes

    for node in found:
        if isinstance(node, nodes.Extends | nodes.Import | nodes.FromImport):
            yield _Use("template", _constant(node.template), node.lineno)
        elif isinstance(node, nodes.Include):
            wanted = node.template
            kind = "maybe" if node.ignore_missing or isinstance(wanted, nodes.List | nodes.Tuple) else "template"
            for one in wanted.items if isinstance(wanted, nodes.List | nodes.Tuple) else [wanted]:
                yield _Use(kind, _constant(one), node.lineno)


def _calls(found: list[nodes.Node]) -> Iterator[_Use]:
    """Yield what `fragment` and `asset` are called with; who passes them on may call them with anything."""
    from jinja2 import nodes

    called = set()
    for call in found:
        if isinstance(call, nodes.Call) and isinstance(call.node, nodes.Name) and call.node.name in _CALLS:
            called.add(id(call.node))
            yield _Use(_CALLS[call.node.name], _constant(call.args[0]) if call.args else None, call.lineno)
    for bare in found:
        if isinstance(bare, nodes.Name) and bare.name in _CALLS and id(bare) not in called:
            yield _Use(_CALLS[bare.name], None, bare.lineno)


def _messages(found: list[nodes.Node]) -> Iterator[_Use]:
    """Yield what is said in the site's language; what is computed may be any message."""
    from jinja2 import nodes

    from generator.theme.translate import message_of

    called = set()
    for call in found:
        if not isinstance(call, nodes.Call):
            continue
        name, texts = message_of(call)
        if name:
            called.add(id(call.node))
            context, rest = (texts[0], texts[1:]) if CONTEXTS[name] and texts else ("", texts)
            yield _Use("message", key(rest[0], context) if rest else None, call.lineno)
    for bare in found:
        if isinstance(bare, nodes.Name) and bare.name in CONTEXTS and bare.ctx == "load" and id(bare) not in called:
            yield _Use("message", None, bare.lineno)


def _constant(node: nodes.Expr) -> str | None:
    value = getattr(node, "value", None)
    return value if isinstance(value, str) else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest known name, or with all of them."""
    names = sorted(known)
    near = get_close_matches(name, names, 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(names) or 'none'}"
