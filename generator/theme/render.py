"""Render views: one Jinja environment a worker, and memoised fragments for what many pages show."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from jinja2 import TemplateError
from jinja2.runtime import Context
from markupsafe import Markup, escape

from generator.base.digest import digest_record
from generator.base.record import Record
from generator.theme.catalogue import Remember
from generator.theme.compiler import FILTERS
from generator.theme.dates import Calendar
from generator.theme.environment import Environment, Mistake, explain, kind_of
from generator.theme.load import Theme
from generator.theme.markup import picture_markup
from generator.theme.parts import Digested, PictureView
from generator.theme.policy import content_security_policy
from generator.theme.templates import TemplateProblem, did_you_mean
from generator.theme.views import View

Shown = Record | Digested[Any]
FRAGMENTS_SIZE = 4_000_000  # characters of fragments that a worker keeps


class Renderer:
    """Renders a theme's templates for one language, time zone and place of the site; make one a worker.

    A template is given its view's fields and

    - `asset("style.css")`: the root-relative address of an asset;
    - `fragment("card.html", card, style="row")`: what that template makes of a record, or of each in a list, rendered
      once for equal records and options. It is given the record under its kind's name (a `CardView` is `card`), the
      options and nothing else of the page;
    - `language`: the site's; `policy`, and on the search page `search_policy`: its Content-Security-Policy;
    - the filters `picture`, `date`, `time`, `datetime`, `month`, `iso` and `number`.
    """

    def __init__(
        self,
        theme: Theme,
        language: str = "en",
        zone: str = "UTC",
        base_path: str = "/",
        *,
        policy: str = "",
        remember: Remember = lambda _, answer: answer(),
    ):
        self._theme = theme
        self._dress = (theme, language, zone, base_path)
        self._policy = policy
        self._fragments: dict[Hashable, Markup] = {}
        self._fragments_size = 0
        self._assets = {name: base_path + asset.output for name, asset in theme.assets.items()}
        self._environment = Environment(theme, {"asset": self._asset, "fragment": self._fragment}, remember)
        self._environment.globals.update(
            language=language,
            policy=_quoted(policy or content_security_policy(embeds=True, search=False)),
            search_policy=_quoted(content_security_policy(embeds=False, search=True)),
        )
        filters = Calendar(language, zone).filters() | {"picture": self._picture}
        self._environment.filters.update({name: filters[name] for name in FILTERS})

    def __reduce__(self) -> tuple[object, ...]:
        """A worker on another machine compiles the templates anew."""
        return partial(Renderer, *self._dress, policy=self._policy), ()

    def render(self, view: View) -> bytes:
        """Return the page that the view's template makes of it, in UTF-8.

        Raises:
            TemplateProblem: where the template is wrong; names its file and line.
        """
        return self._text(view.template, msgspec.structs.asdict(view)).encode("utf-8", "replace")

    def prepare(self) -> None:
        """Compile every template but those that only another one names: once, before there are workers."""
        for name in self._theme.templates:
            if name[0] != "!":
                with suppress(TemplateError):  # whose page is asked for says it
                    self._environment.get_template(name)

    def _text(self, name: str, given: dict[str, object]) -> str:
        try:
            template = self._environment.get_template(name)
            names = {**self._environment.globals, **given}
            context = Context(self._environment, names, name, template.blocks)
            return "".join(template.root_render_func(context))
        except TemplateProblem:
            raise
        except Exception as error:
            raise TemplateProblem(explain(error, self._theme, name, given)) from error

    # -- what templates call ------------------------------------------------------------------------------------------

    def _asset(self, name: str) -> str:
        if name not in self._assets:
            raise Mistake(f"the theme has no assets/{name}", did_you_mean(name, self._assets))
        return self._assets[name]

    def _fragment(self, name: str, what: Shown | tuple[Shown, ...], /, **options: str | int | bool | None) -> Markup:
        style = repr(options) if options else ""
        if not isinstance(what, tuple):
            return self._one_fragment(name, what, options, style)
        return Markup("".join([self._one_fragment(name, one, options, style) for one in what]))  # noqa: S704

    def _one_fragment(self, name: str, what: Shown, options: dict[str, Any], style: str) -> Markup:
        plain, digest = (what.record, what.digest) if type(what) is Digested else (what, digest_record(what))
        key = (name, style, type(plain), digest)
        known = self._fragments.get(key)
        if known is None:
            if name not in self._theme.templates:
                raise Mistake(f"the theme has no templates/{name}", did_you_mean(name, self._theme.templates))
            known = Markup(self._text(name, {kind_of(plain): what, **options}))  # noqa: S704 (a template's output)
            self._keep(key, known)
        return known

    def _picture(
        self, view: PictureView | None, role: str, alt: str | None = None, lazy: bool = True, hue: int = 0
    ) -> Markup:
        if role not in self._theme.roles:
            raise Mistake(f"the theme has no picture role `{role}`", did_you_mean(role, self._theme.roles))
        return picture_markup(view, self._theme.roles[role], alt=alt, lazy=lazy, hue=hue)

    def _keep(self, key: Hashable, text: Markup) -> None:
        self._fragments[key] = text
        self._fragments_size += len(text)
        while self._fragments_size > FRAGMENTS_SIZE:
            oldest = next(iter(self._fragments))
            self._fragments_size -= len(self._fragments.pop(oldest))


def _quoted(policy: str) -> Markup:
    """Return a policy for an attribute that templates put in double quotes."""
    return Markup(str(escape(policy)).replace("&#39;", "'"))  # noqa: S704
