"""The Jinja environment that templates live in: sandboxed, strict, and exact about mistakes."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, MutableMapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import markupsafe
from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.exceptions import UndefinedError
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup, escape

from generator.base.digest import digest_record
from generator.base.problems import Problem
from generator.base.record import Record
from generator.theme.catalogue import Remember
from generator.theme.compiler import FIELDS, SYNTAX, runtime, template_code
from generator.theme.load import Theme
from generator.theme.parts import Digested
from generator.theme.templates import did_you_mean, parse


class Mistake(Exception):
    """What one of our own functions says of the way that a template calls it."""

    def __init__(self, message: str, hint: str = ""):
        super().__init__(message)
        self.hint = hint


class NotThere(UndefinedError):
    """A template uses a name that is not there; `owner` is jinja's `missing` for a name of the view itself."""

    def __init__(self, message: str, owner: object, name: str):
        super().__init__(message)
        self.owner = owner
        self.name = name


class _Undefined(StrictUndefined):
    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: Callable[[str], Exception] = UndefinedError,
    ):
        if hint is None:
            super().__init__(None, obj, name, lambda message: NotThere(message, obj, str(name)))  # type: ignore[arg-type]
        else:
            super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]


class Environment(ImmutableSandboxedEnvironment):
    """Sandboxed Jinja over a theme's texts. Records show their fields, and a `Digested` is the record in it.

    The sandbox would cost half of the time of a page; the shortcuts below win it back and give nothing up.
    """

    def __init__(self, theme: Theme, functions: dict[str, Callable[..., object]], remember: Remember):
        def source(name: str) -> tuple[str, str, None] | None:
            text = theme.templates.get(name)
            return None if text is None else (text, theme.sources[name], None)

        super().__init__(
            loader=FunctionLoader(source), undefined=_Undefined, auto_reload=False, cache_size=-1, **SYNTAX
        )
        self.template_class = _Template
        self._remember = remember
        self._messages = tuple(theme.words.messages.items())
        self._language = digest_record(self._messages)
        functions = {**functions, **theme.words.functions()}
        self.globals.update(functions)
        self._ours = frozenset(map(id, functions.values()))
        self._loaded: dict[Any, Template] = {}

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002
        """Return a template. A page asks for eight, and Jinja looks each up by a weak reference that it makes anew."""
        known = self._loaded.get(name)
        if known is None:
            known = self._loaded[name] = super().get_template(name, parent, globals)
        return known

    def compile(self, source: Any, name: Any = None, filename: Any = None, *_: Any, **__: Any) -> Any:
        """Return a template's code, which is compiled where it is not remembered: that takes 10 ms a template."""

        def make() -> bytes:
            return marshal.dumps(template_code(source, name, filename, self._messages))

        digest = digest_record((source, name, filename, self._language))
        return marshal.loads(self._remember(digest, make))  # noqa: S302 (our own cache, as Python's bytecode is)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:  # noqa: ARG002
        """Return the globals themselves: a layer of each template's own would be gone through at every include."""
        return self.globals

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a record's field or a map's value at once; leave everything else to the sandbox."""
        if attribute in FIELDS:
            try:
                return getattr(obj.record if type(obj) is Digested else obj, attribute)
            except AttributeError:
                pass
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, _RECORDS):
            return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call our own functions at once; let the sandbox look at all others."""
        if id(obj) not in self._ours and type(obj) is not Macro:
            return super().call(context, obj, *args, **kwargs)
        kwargs.pop("_loop_vars", None)  # jinja's own, for functions that take its context
        kwargs.pop("_block_vars", None)
        return obj(*args, **kwargs)


class _Template(Template):
    @classmethod
    def from_code(cls, *args: Any, **kwargs: Any) -> Template:
        """Make a template that finds what our compiler lets it use."""
        template = super().from_code(*args, **kwargs)
        template.root_render_func.__globals__.update(_RUNTIME)
        return template


def _escape(value: object) -> str:
    """Escape like markupsafe, but without a `Markup` around what goes straight to the output."""
    kind = type(value)
    return value if kind is Markup else str(value) if kind is int else escape(value)  # type: ignore[return-value]


_RECORDS = (Record, Digested)
# Ten times as fast as `escape`, which wraps every text in a `Markup`.
_RUNTIME = {"escape": _escape} | runtime(getattr(markupsafe, "_escape_inner", escape))


def kind_of(value: object) -> str:
    """Return what templates call a record: a `CardView` is a `card`, a `TopicNode` a `topic_node`."""
    return _kind_of(type(value).__name__)


@lru_cache(maxsize=256)
def _kind_of(name: str) -> str:
    name = name.removesuffix("View")
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


# -- mistakes ----------------------------------------------------------------------------------------------------------


def explain(error: Exception, theme: Theme, name: str, given: dict[str, object]) -> Problem:
    """Return the problem behind an error that template `name` ended with; `given` is what it was given."""
    name, line = _place(error, name)
    message, hint = str(error), ""
    if isinstance(error, TemplateSyntaxError):
        message, line = error.message or "syntax error", error.lineno
    elif isinstance(error, TemplateNotFound):
        message, hint = f"the theme has no templates/{error.name}", did_you_mean(str(error.name), theme.templates)
    elif isinstance(error, NotThere):
        line, expression = _find_expression(theme.templates.get(name, ""), error, line)
        message, hint = _not_there(expression, error, given)
    elif isinstance(error, Mistake):
        hint = error.hint
    elif not isinstance(error, UndefinedError):
        message = f"{type(error).__name__}: {error}"
    return Problem(theme.source_of(name), line, 0, "", message, hint)


def _place(error: Exception, name: str) -> tuple[str, int]:
    """Return the innermost template that the error passed through, and its line there."""
    if isinstance(error, TemplateSyntaxError):
        return error.name or name, error.lineno
    line, step = 0, error.__traceback__
    while step is not None:
        template = step.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            name, line = str(template.name), template.get_corresponding_lineno(step.tb_lineno)
        step = step.tb_next
    return name, line


def _find_expression(text: str, error: NotThere, near: int) -> tuple[int, str]:
    """Return line and text of the expression that is not there: of those with its name the nearest to line `near`."""
    tree = parse(text)
    kinds: tuple[type[nodes.Expr], ...] = (nodes.Name,) if error.owner is missing else (nodes.Getattr,)
    found = [node for node in tree.find_all(kinds) if _last_name(node) == error.name and _written(node)]
    if not found:
        return near, error.name
    best = min(found, key=lambda node: abs(node.lineno - near))
    return best.lineno, _written(best)


def _last_name(node: nodes.Expr) -> str:
    return str(getattr(node, "attr", None) or getattr(node, "name", ""))


def _written(node: nodes.Expr) -> str:
    """Return a name or a chain of names as it is written, "" for anything more complicated."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and (owner := _written(node.node)):
        return f"{owner}.{node.attr}"
    return ""


def _not_there(expression: str, error: NotThere, given: dict[str, object]) -> tuple[str, str]:
    """Return message and hint for a name that is not there."""
    if error.owner is missing:
        return _known(expression, "this template is given", error.name, given)
    owner = error.owner.record if isinstance(error.owner, Digested) else error.owner
    if isinstance(owner, Record):
        kind = kind_of(owner).replace("_", " ")
        article = "an" if kind[0] in "aeiou" else "a"
        return _known(expression, f"{article} {kind} has", error.name, owner.__struct_fields__)
    whole = expression.rpartition(".")[0] or "it"
    if isinstance(owner, dict):
        return _known(expression, f"`{whole}` has", error.name, map(str, owner))
    if owner is None:
        return f"`{expression}` is not there: `{whole}` is none", f"ask first: {{% if {whole} %}}"
    return f"`{expression}` is not there: `{whole}` is {_PLAIN.get(type(owner), type(owner).__name__)}", ""


_PLAIN = {str: "text", int: "a number", float: "a number", bool: "true or false", tuple: "a list", list: "a list"}


def _known(expression: str, has: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    names = sorted(known)
    near = get_close_matches(name, names, 1, 0.6)
    hint = f"did you mean `{near[0]}`?" if near else ""
    return f"`{expression}` is not there; {has}: {', '.join(names) or 'nothing'}", hint
