"""What machines read: feeds, the JSON API, sitemaps; inputs that are cheap to hash, and the bytes made of them."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from generator.base.digest import digest_bytes
from generator.base.problems import Problem
from generator.base.records import Card, Record, Variant
from generator.builder.run import ActionFailed
from generator.images.probe import PictureBroken
from generator.images.resize import resize
from generator.library.providers import FEED_FROM
from generator.library.relate import NEWS_AGE
from generator.library.shelves import Shelf
from generator.pages import api, feeds, hosting, sitemap
from generator.pages.edition import FEEDS, Edition
from generator.pages.lists import month_address, shelf_title
from generator.pages.press import Press, Story, fill_body, load_article, story
from generator.pages.stories import social_image

FEED_SIZE = 50  # entries
NEWS_SITEMAP = "sitemap-news.xml"

# -- feeds -------------------------------------------------------------------------------------------------------------


class FeedInputs(Record, frozen=True):
    """A feed's settings and stories; entries are made of them in the worker."""

    name: str  # feed.xml, atom.xml or feed.json
    head: feeds.FeedView  # without entries
    stories: tuple[Story, ...]


def feed_inputs(press: Press, argument: object) -> FeedInputs:
    """Return the inputs of a feed; `argument` is (shelf or None for the site's own, file name)."""
    shelf, name = cast(tuple[Shelf | None, str], argument)
    edition = press.edition
    cards = (shelf.cards if shelf else edition.library.shown)[:FEED_SIZE]
    return FeedInputs(name, _feed_head(edition, shelf), tuple(story(press, card) for card in cards))


def make_feed(press: Press, given: object) -> tuple[bytes]:
    """Return a feed's document."""
    inputs = cast(FeedInputs, given)
    view = feeds.FeedView(
        **{
            **{name: getattr(inputs.head, name) for name in inputs.head.__struct_fields__},
            "entries": tuple(_entry(press, each) for each in inputs.stories),
        }
    )
    return (_WRITERS[inputs.name](view),)


_WRITERS = {"feed.xml": feeds.rss, "atom.xml": feeds.atom, "feed.json": feeds.json_feed}


def _feed_head(edition: Edition, shelf: Shelf | None) -> feeds.FeedView:
    site = edition.settings
    address = shelf.address if shelf else ""
    heading, intro = shelf_title(edition, shelf) if shelf else (site.title, site.description)
    rss, atom, json = (edition.absolute(address + name) for name, _, _ in FEEDS)
    return feeds.FeedView(
        id=tag(edition, address),
        title=f"{heading} · {site.title}" if shelf else heading,
        description=intro,
        language=edition.site.record.language,
        home=edition.absolute(address),
        rss=rss,
        atom=atom,
        json=json,
        link=site.feed_link,
        icon=edition.site_ld.logo,
        entries=(),
    )


def _entry(press: Press, each: Story) -> feeds.FeedEntry:
    edition, card = press.edition, each.card.record
    address = edition.library.addresses[each.path]
    image = social_image(card.picture)
    return feeds.FeedEntry(
        id=tag(edition, address),
        title=card.title,
        source_url=card.source_url,
        page_url=edition.absolute(address),
        published=card.published,
        updated=card.updated,
        summary=card.excerpt,
        content=_commentary(press, each) if each.has_body else "",
        outlet=card.provider.name,
        categories=tuple(topic.name for topic in card.topics),
        image=edition.outside(image),
        image_type="image/png" if image.endswith(".png") else "image/jpeg" if image else "",
        language=card.language,
    )


def _commentary(press: Press, each: Story) -> str:
    body = load_article(press, each.path).body
    return fill_body(press, body, each.links, each.pictures, outside=True)


def tag(edition: Edition, address: str) -> str:
    """Return the `tag:` URI (RFC 4151) of a site path; it never changes, wherever the site moves."""
    authority = edition.settings.feed_authority
    if "," not in authority:
        authority += ",2020"
    return f"tag:{authority}:/{edition.absolute(address).removeprefix(edition.settings.base_url)}"


def opml_inputs(press: Press, _: object) -> tuple[str, tuple[hosting.OpmlRow, ...]]:
    """Return the title and all feeds of the site."""
    edition = press.edition
    outputs = edition.settings.outputs
    own = hosting.OpmlRow(edition.settings.title, edition.absolute("feed.xml"), edition.absolute(""))
    rows = [own] if outputs.feeds else []
    wanted = {"section": outputs.feeds, "topic": outputs.topic_feeds, "provider": outputs.provider_feeds}
    for shelf in edition.library.shelves():
        if wanted[shelf.kind] and (shelf.kind != "provider" or len(shelf.cards) >= FEED_FROM):
            home = edition.absolute(shelf.address)
            rows.append(hosting.OpmlRow(shelf_title(edition, shelf)[0], home + "feed.xml", home))
    return edition.settings.title, tuple(rows)


def make_opml(_: Press, given: object) -> tuple[bytes]:
    """Return the list of feeds."""
    return (hosting.opml(*cast(tuple[str, tuple[hosting.OpmlRow, ...]], given)),)


# -- the JSON API ------------------------------------------------------------------------------------------------------


class ApiInputs(Record, frozen=True):
    """A page of the API: the articles on it, by digest and path."""

    digests: tuple[bytes, ...]
    paths: tuple[str, ...]
    number: int
    has_next: bool


def api_inputs(press: Press, argument: object) -> ApiInputs:
    """Return a page of items; `argument` is (topic slug or "", page number from 1, the newest)."""
    slug, number = cast(tuple[str, int], argument)
    cards = press.edition.library.api_cards(slug)
    rows = cards[api.PAGE_SIZE * (number - 1) : api.PAGE_SIZE * number]
    return ApiInputs(
        tuple(card.digest for card in rows),
        tuple(card.path for card in rows),
        number,
        api.PAGE_SIZE * number < len(cards),
    )


def make_api(press: Press, given: object) -> tuple[bytes]:
    """Join the items of a page as they were encoded when the articles were read."""
    inputs = cast(ApiInputs, given)
    items = [press.file(path).item for path in inputs.paths]
    return (api.page(items, inputs.number, has_next=inputs.has_next),)


def api_document_inputs(press: Press, argument: object) -> tuple[bytes, str]:
    """Return digest and path of one article; `argument` is its place among the shown."""
    card = press.edition.library.shown[cast(int, argument)]
    return card.digest, card.path


def make_api_document(press: Press, given: object) -> tuple[bytes]:
    """Return an article's own document."""
    return (press.file(cast(tuple[bytes, str], given)[1]).document,)


def api_topics_inputs(press: Press, _: object) -> tuple[api.ApiTopic, ...]:
    """Return the topics' data in the order of their files."""
    return tuple(
        api.ApiTopic(topic.name, topic.short_name, topic.id, topic.parent, topic.pictures, topic.services)
        for topic in press.edition.library.readings.topics
    )


def make_api_topics(_: Press, given: object) -> tuple[bytes]:
    """Return the list of topics."""
    return (api.topics(cast(tuple[api.ApiTopic, ...], given)),)


# -- sitemaps ----------------------------------------------------------------------------------------------------------


def sitemap_parts(edition: Edition) -> dict[str, tuple[sitemap.SitemapUrl, ...]]:
    """Return output -> URLs: articles oldest first, so that full parts stay as they are; then all other pages."""
    articles = [
        sitemap.SitemapUrl(edition.absolute(edition.article_address(card)), card.updated or card.published)
        for card in reversed(edition.library.shown)
        if edition.is_indexable(card)
    ]
    parts = {f"sitemap-articles-{n}.xml": part for n, part in enumerate(sitemap.chunks(articles), 1)}
    return parts | {f"sitemap-pages-{n}.xml": part for n, part in enumerate(sitemap.chunks(_pages(edition)), 1)}


def given(_: Press, argument: object) -> object:
    """Return the argument: the inputs of an output whose task holds all of them."""
    return argument


def make_sitemap(_: Press, given: object) -> tuple[bytes]:
    """Return a sitemap."""
    return (sitemap.sitemap(cast(tuple[sitemap.SitemapUrl, ...], given)),)


def sitemap_rows(edition: Edition, parts: dict[str, tuple[sitemap.SitemapUrl, ...]]) -> tuple[sitemap.SitemapUrl, ...]:
    """Return the rows of the index: the sitemaps with the newest date in each."""
    rows = [
        sitemap.SitemapUrl(edition.absolute(output), max((url.lastmod for url in urls if url.lastmod), default=None))
        for output, urls in parts.items()
    ]
    recent = recent_cards(edition)
    return (*rows, *(sitemap.SitemapUrl(edition.absolute(NEWS_SITEMAP), card.published) for card in recent[:1]))


def make_sitemap_index(_: Press, given: object) -> tuple[bytes]:
    """Return the index of sitemaps."""
    return (sitemap.sitemap_index(cast(tuple[sitemap.SitemapUrl, ...], given)),)


def recent_cards(edition: Edition) -> tuple[Card, ...]:
    """Return the indexable articles of the last 48 hours: one of the few things that depend on the clock."""
    since: datetime = edition.library.now - NEWS_AGE
    return tuple(card for card in edition.library.shown if card.published > since and edition.is_indexable(card))


def news_sitemap_inputs(press: Press, _: object) -> tuple[str, tuple[sitemap.NewsUrl, ...]]:
    """Return the site's name and the newest articles."""
    edition = press.edition
    urls = tuple(
        sitemap.NewsUrl(
            edition.absolute(edition.article_address(card)), card.title, card.published, edition.language(card)
        )
        for card in recent_cards(edition)
    )
    return edition.settings.title, urls


def make_news_sitemap(_: Press, given: object) -> tuple[bytes]:
    """Return the news sitemap."""
    name, urls = cast(tuple[str, tuple[sitemap.NewsUrl, ...]], given)
    return (sitemap.news_sitemap(urls, name),)


def _pages(edition: Edition) -> list[sitemap.SitemapUrl]:
    """Return all indexable pages but articles: each with the date of the newest thing on it."""
    library, outputs = edition.library, edition.settings.outputs

    def row(address: str, cards: tuple[Card, ...] | list[Card] = ()) -> sitemap.SitemapUrl:
        return sitemap.SitemapUrl(edition.absolute(address), cards[0].published if cards else None)

    rows = [row("", library.shown)]
    rows += [row(f"{page.slug}/") for page in library.readings.pages]
    rows.append(row("topics/"))
    if outputs.providers:
        rows.append(row("providers/"))
    if outputs.archive:
        rows.append(row("archive/"))
        for month, days in library.months.days.items():
            rows.append(row(month_address(month), next(iter(days.values()))))
            if library.months.is_split(month):
                rows += [row(month_address(day), cards) for day, cards in days.items()]
    for shelf in library.shelves():
        if shelf.cards:
            rows.append(row(shelf.address, shelf.cards))
            rows += [row(shelf.page_address(n), shelf.page(n)) for n in range(1, shelf.pages + 1) if shelf.is_full(n)]
    return rows


# -- files for the hosts, and files that are copied --------------------------------------------------------------------


def make_hosting(press: Press, argument: object) -> tuple[bytes]:
    """Return one of the files that hosts read."""
    (name, moves), _, _ = cast(tuple[tuple[str, tuple[tuple[str, str], ...]], str, bool], argument)
    settings = press.edition.settings
    if name == "_headers":
        return (hosting.headers(press.edition.base, embeds=False, search=False),)
    if name == "_redirects":
        return (hosting.redirects(moves),)
    if name == "robots.txt":
        return (hosting.robots(settings.base_url, sitemap=settings.outputs.sitemaps),)
    return (hosting.nojekyll(),)


def hosting_inputs(press: Press, argument: object) -> tuple[object, str, bool]:
    """Return what the files for the hosts depend on."""
    return argument, press.edition.settings.base_url, press.edition.settings.outputs.sitemaps


def asset_inputs(press: Press, argument: object) -> tuple[str, bytes]:
    """Return name and digest of a theme's asset."""
    name = cast(str, argument)
    return name, digest_bytes(press.edition.theme.assets[name].body)


def make_asset(press: Press, argument: object) -> tuple[bytes]:
    """Return a theme's asset."""
    return (press.edition.theme.assets[cast(tuple[str, bytes], argument)[0]].body,)


def make_static(press: Press, argument: object) -> tuple[bytes]:
    """Return a file of static/ as it is."""
    return (press.read(*cast(tuple[str, bytes], argument)),)


def make_variants(press: Press, argument: object) -> tuple[bytes, ...]:
    """Return all published sizes of a picture.

    Raises:
        ActionFailed: where its file is broken behind its header.
    """
    path, digest, wanted = cast(tuple[str, bytes, tuple[Variant, ...]], argument)
    try:
        return resize(press.read(path, digest), wanted)
    except PictureBroken as error:
        problem = Problem(path, 0, 0, "", f"cannot be used: {error}", "replace the file", "warning")
        raise ActionFailed(problem) from error
