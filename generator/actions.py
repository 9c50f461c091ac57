"""Actions: every way in which an output is made, by the name that tasks use, and what they work with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from generator.base.config import Settings, Site, base_path
from generator.builder.fingerprint import Code
from generator.builder.last import Last
from generator.builder.manifest import Artifact
from generator.builder.memo import Memo
from generator.builder.run import Bench
from generator.builder.store import Store
from generator.builder.task import Action
from generator.drafting import Draft
from generator.pages import archive, copies, feeds, follow, lists, machines, search, single, stories, trends
from generator.pages.press import Press, render_view
from generator.reading import Reading
from generator.rereading import Files
from generator.theme.load import Theme, template_digest
from generator.theme.render import Renderer
from generator.theme.templates import TemplateProblem


def actions(theme: Theme, code: Code, memo: Memo) -> dict[str, Action[Press]]:
    """Return every way in which an output is made, by the name that tasks use."""
    feed = code.fingerprint("generator.pages.feeds")
    machine = code.fingerprint("generator.pages.machines")
    copying = code.fingerprint("generator.pages.copies")

    def page(template: str, inputs: Callable, render: Callable = render_view) -> Action[Press]:  # type: ignore[type-arg]
        return Action(
            inputs,
            render,
            code.fingerprint(inputs.__module__),
            memo.get(f"template {template}", theme.digest + code.digest, lambda: _template_digest(theme, template)),
        )

    def data(inputs: Callable, write: Callable) -> Action[Press]:  # type: ignore[type-arg]
        return Action(inputs, write, machine)

    return {
        "front": page("front.html", single.front_view, single.render_front),
        "article": page("article.html", stories.article_inputs, stories.render_article),
        # Lists come in the order of time, so those that go together show the same cards, which are rendered once.
        "list": page("list.html", lists.list_inputs, lists.render_list)._replace(together=500),
        "topics": page("topics.html", single.topics_view),
        "providers": page("providers.html", single.providers_view),
        "archive": page("archive.html", archive.archive_view),
        "month": page("month.html", archive.month_inputs, archive.render_month),
        "follow": page("follow.html", follow.follow_view),
        "ranking": page("ranking.html", single.ranking_view),
        "trends": page("trends.html", trends.trends_view),
        "page": page("page.html", stories.static_inputs, stories.render_static),
        "search": page("search.html", search.search_view),
        "index": Action(machines.given, search.make_index_files, b""),
        "missing": page("404.html", stories.missing_view),
        "stub": page("stub.html", stories.stub_view),
        "feed": Action(feeds.feed_inputs, feeds.make_feed, feed),
        "opml": Action(follow.opml_inputs, follow.make_opml, code.fingerprint("generator.pages.follow")),
        "api": data(machines.api_inputs, machines.make_api),
        "api_topics": data(machines.api_topics_inputs, machines.make_api_topics),
        "sitemap": data(machines.given, machines.make_sitemap),
        "sitemap_index": data(machines.given, machines.make_sitemap_index),
        "news_sitemap": data(machines.news_sitemap_inputs, machines.make_news_sitemap),
        "hosting": Action(copies.hosting_inputs, copies.make_hosting, copying),
        "asset": Action(copies.asset_inputs, copies.make_asset, copying),
        "static": Action(machines.given, copies.make_static, copying),
        "card": Action(machines.given, copies.make_card, code.fingerprint("generator.images.cards.draw")),
        "resize": Action(
            machines.given, copies.make_variants, code.fingerprint("generator.images.resize"), costly=True, together=1
        ),
    }


def bench_of(site: Site, drafted: Draft, store: Store[Reading]) -> Bench[Press]:
    """Set up the bench of a first build that writes nothing."""
    edition, composition = drafted.edition, drafted.composition
    renderer, done = tools(site.settings, edition.theme, drafted.code, drafted.memo, drafted.last)
    files = Files(str(site.root), store, drafted.entries)
    press = Press.of(edition, files, composition.targets, renderer, composition.search.files)
    return Bench(press, done, composition.tasks, {}, _nothing_stands, _nowhere, store.kept, store.keep)


def tools(
    settings: Settings, theme: Theme, code: Code, memo: Memo, last: Last
) -> tuple[Renderer, dict[str, Action[Press]]]:
    """Return the renderer and the actions, which depend on no article; they are set up once."""
    done = last.same("actions", (theme, code), lambda: actions(theme, code, memo))
    dress = (theme, settings.language, settings.timezone, base_path(settings))
    return last.same("renderer", dress, lambda: _renderer(code, memo, *dress)), done


def _renderer(code: Code, memo: Memo, *dress: Any) -> Renderer:
    """Set up a renderer that has the code of its templates from the build before, as far as there is one."""

    def remember(digest: bytes, make: Callable[[], bytes]) -> bytes:
        return memo.get("template", digest + code.digest, make)

    renderer = Renderer(*dress, remember=remember)
    renderer.prepare()
    return renderer


def _template_digest(theme: Theme, name: str) -> bytes:
    """A broken template has a digest, too: its page fails with a message, and is made when the template is mended."""
    try:
        return template_digest(theme, name)
    except TemplateProblem as error:
        return str(error.problem).encode().ljust(16, b"\0")[-16:]


def _nothing_stands(_: Artifact) -> bool:
    return False


def _nowhere(output: str, data: bytes) -> None:
    """Put an output that is only checked nowhere."""
