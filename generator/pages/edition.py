"""The edition: a library in the dress of a theme; the parts that many pages share, each made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from hashlib import blake2b
from weakref import proxy

from generator.base.config import base_path
from generator.base.digest import DIGEST_SIZE, digest_bytes, digest_record
from generator.base.imaging import Image
from generator.base.paths import quote_path
from generator.base.records import Card, Mention, Picture
from generator.images.cards.plan import Drawn
from generator.library.ranking import is_pinned
from generator.library.relate import Library
from generator.library.topics import Topic, fold
from generator.pages.chains import Places
from generator.pages.pictures import Pictures
from generator.pages.structured import SiteLd
from generator.theme.dates import Calendar
from generator.theme.direction import direction, item_direction
from generator.theme.load import Theme
from generator.theme.parts import CardView, Digested, FeedLink, Link, ProviderView, SiteView, TopicLink

HUES = 12
StoriesDrawn = dict[tuple[str, str, str, str, int | None], Drawn]
FEEDS = (("feed.xml", "RSS", "application/rss+xml"), ("atom.xml", "Atom", "application/atom+xml"),
         ("feed.json", "JSON Feed", "application/feed+json"))  # fmt: skip


class Edition:
    """Answers what pages are made of. Everything it gives is a pure function of library and theme.

    `stories_drawn` are the cards of articles by all that they show; the next edition takes them over. `dead` are the
    addresses of sources that are gone. `searchable`: whether it has a search page.
    """

    def __init__(
        self,
        library: Library,
        theme: Theme,
        options: dict[str, str | int | float | bool],
        fetched: Mapping[str, Image],
        stories_drawn: StoriesDrawn,
        dead: frozenset[str] = frozenset(),
        searchable: bool = False,
    ):
        self.library = library
        self.settings = library.settings
        self.theme = theme
        self.pictures = Pictures(library, theme, fetched)
        self.options = options
        self.base = base_path(self.settings)
        self.words = theme.words
        self.calendar = Calendar(self.settings.language, self.settings.timezone)
        self.drawn: dict[str, Drawn | None] = {}  # cards by what they are of, as `pages.social` made them
        self.stories_drawn = stories_drawn
        self.searchable = searchable
        self._dead = dead
        self._fetched = fetched
        self._cards: dict[str, Digested[CardView]] = {}
        self._providers: dict[str | tuple[str], Digested[ProviderView]] = {}  # by domain; without one by (name,)
        self._topics: dict[str, TopicLink] = {}
        self._topic_digests: dict[str, bytes] = {}  # by the name that articles use
        self._sections: dict[str, Link] = {}
        self.places: Places = {}  # as `pages.neighbours` found them
        self._chips: dict[tuple[str, ...], tuple[TopicLink, ...]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        """A worker on another machine draws anew what was drawn here."""
        return Edition, (self.library, self.theme, self.options, self._fetched, {}, self._dead, self.searchable)

    # -- addresses ----------------------------------------------------------------------------------------------------

    def url(self, address: str) -> str:
        """Return the root-relative URL of a site path ("news/x/")."""
        return self.base + quote_path(address)

    def absolute(self, address: str) -> str:
        """Return the absolute URL of a site path."""
        return self.settings.base_url + quote_path(address)

    def article_address(self, card: Card) -> str:
        """Return the site path of an article's page."""
        return self.library.addresses[card.path]

    def feeds(self, address: str, title: str) -> tuple[FeedLink, ...]:
        """Return the three feeds that stand below a site path."""
        return tuple(FeedLink(f"{title} ({kind})", self.url(address + name), media) for name, kind, media in FEEDS)

    # -- parts --------------------------------------------------------------------------------------------------------

    def card(self, card: Card) -> Digested[CardView]:
        """Return an article as lists show it."""
        known = self._cards.get(card.path)
        if known is None:
            # A proxy: were the edition held by its own cards, only the garbage collector would ever free it.
            known = Digested.later(self._card_digest(card), partial(Edition._card, proxy(self), card))
            self._cards[card.path] = known
        return known

    def cards(self, cards: Iterable[Card]) -> tuple[Digested[CardView], ...]:
        """Return articles as lists show them."""
        known = self._cards  # asked here: most lists show what another one has shown
        return tuple([known.get(card.path) or self.card(card) for card in cards])

    def link(self, card: Card) -> Link:
        """Return an article's title and URL."""
        return Link(card.title, self.url(self.article_address(card)))

    def provider(self, domain: str, name: str) -> Digested[ProviderView]:
        """Return an outlet; one without a valid domain is a name only."""
        known = self._providers.get(domain or (name,))
        if known is None:
            known = self._providers[domain or (name,)] = Digested(self._provider(domain, name))
        return known

    def outlets(self, mentions: Iterable[Mention]) -> tuple[Digested[ProviderView], ...]:
        """Return the outlets of reports."""
        known = self._providers
        return tuple([known.get(m.domain or (m.name,)) or self.provider(m.domain, m.name) for m in mentions])

    def topic(self, topic: Topic) -> TopicLink:
        """Return a topic's chip."""
        if topic.slug not in self._topics:
            url = self.url(f"topics/{topic.slug}/")
            self._topics[topic.slug] = TopicLink(topic.name, url, hue(self._hue_of(topic)))
        return self._topics[topic.slug]

    def chips(self, card: Card) -> tuple[TopicLink, ...]:
        """Return the topics of an article without the site's root topic."""
        if card.topics not in self._chips:
            topics = self.library.topics
            self._chips[card.topics] = tuple(
                self.topic(topic) for topic in topics.of(card) if topic.slug != topics.root
            )
        return self._chips[card.topics]

    def section(self, name: str) -> Link:
        """Return a section's title and URL."""
        if name not in self._sections:
            # "News" stands here for those who gather what is to be translated.
            plain = name.replace("-", " ").capitalize()
            title = self.words.gettext("News") if name == "news" else self.words.gettext(plain)
            self._sections[name] = Link(title, self.url(f"{name}/"))
        return self._sections[name]

    def language(self, card: Card) -> str:
        """Return the language of an article's text."""
        return (card.locale or self.settings.language).replace("_", "-")

    def archived_copy(self, card: Card) -> str:
        """Return where an archive may have a copy of a source that is dead, made near its publication; else ""."""
        if not self._dead or card.url.partition("#")[0] not in self._dead:
            return ""
        return f"https://web.archive.org/web/{card.published:%Y%m%d%H%M%S}/{card.url}"

    def is_indexable(self, card: Card) -> bool:
        """Tell whether an article's page says more than a copy of its source's excerpt."""
        return card.has_body or card.has_embed or bool(card.mentions) or self.settings.index_excerpts

    # -- the site -----------------------------------------------------------------------------------------------------

    @cached_property
    def site(self) -> Digested[SiteView]:
        """What every page knows of the site."""
        settings, outputs = self.settings, self.settings.outputs
        return Digested(
            SiteView(
                title=settings.title,
                description=settings.description,
                language=settings.language.replace("_", "-"),
                timezone=settings.timezone,
                direction=direction(settings.language),
                home=self.base,
                base_url=settings.base_url,
                nav=self._nav(),
                pages=tuple(Link(page.title, self.url(f"{page.slug}/")) for page in self.library.readings.pages),
                feeds=self.feeds("", settings.title) if outputs.feeds else (),
                logo=self.pictures.logo((Picture(settings.logo),)) if settings.logo else None,
                options=self.options,
                search=self.url("search/") if self.searchable else "",
                follow=self.url("follow/") if outputs.feeds or outputs.topic_feeds or outputs.provider_feeds else "",
                ranking=self.url("ranking/"),
                trends=self.url("trends/"),
                archive=self.url("archive/") if outputs.archive else "",
                topics=self.url("topics/"),
                providers=self.url("providers/") if outputs.providers else "",
            )
        )

    @cached_property
    def site_ld(self) -> SiteLd:
        """The site as structured data names it."""
        site, logo = self.site.record, self.site.record.logo
        image = next(iter(logo.roles.values())).url if logo and logo.roles else ""
        return SiteLd(site.title, site.base_url, site.language, site.description, self.outside(image))

    def outside(self, url: str) -> str:
        """Return a root-relative URL as an absolute one; "" stays as it is."""
        return self.settings.base_url + url.removeprefix(self.base) if url.startswith("/") else url

    def _nav(self) -> tuple[Link, ...]:
        """Return the settings' navigation, else the sections and the main topics."""
        if self.settings.nav:
            return tuple(
                Link(title, self.base + target[1:] if target.startswith("/") else target)
                for title, target in self.settings.nav.items()
            )
        topics = self.library.topics
        sections = [self.section(section) for section in self.settings.sections]
        return (*sections, *(Link(topics.by_slug[s].short_name, self.url(f"topics/{s}/")) for s in self._main_topics()))

    def _main_topics(self) -> list[str]:
        """Return the main topics that have data files: these do not come and go with the articles."""
        topics = self.library.topics
        return [slug for slug in topics.main if topics.by_slug[slug].data][:8]

    # -- how the parts are made ---------------------------------------------------------------------------------------

    def _card_digest(self, card: Card) -> bytes:
        """Return a digest of all that `_card` reads, from the digests of the parts that many cards share."""
        others = self.outlets(self._others(card)) if card.mentions else ()
        return digest_bytes(
            self._card_settings,
            card.face,
            self.provider(card.outlet.domain, card.outlet.name).digest,
            *[self._topic_digest(name) for name in card.topics],  # the card's face says how many
            self._picture_digest(card),
            b"pinned" if is_pinned(card, self.library.now) else b"",
            *[outlet.digest for outlet in others],
        )

    @cached_property
    def _card_settings(self) -> bytes:
        return digest_record((self.base, self.settings.language, self.settings.index_excerpts))

    def _topic_digest(self, name: str) -> bytes:
        if name not in self._topic_digests:
            topics = self.library.topics
            slug = topics.names[fold(name)]
            link = None if slug == topics.root else self.topic(topics.by_slug[slug])
            self._topic_digests[name] = digest_record((slug, link))
        return self._topic_digests[name]

    def _picture_digest(self, card: Card) -> bytes:
        """A picture that we do not have is a box of the shape that the card itself names."""
        if not self.pictures.has(card.picture):
            return bytes(DIGEST_SIZE)
        return digest_record(self.pictures.view(card.picture, card.focus))

    def _card(self, card: Card) -> CardView:
        return CardView(
            url=self.url(self.article_address(card)),
            title=card.title,
            excerpt=card.excerpt,
            source_url=card.url,
            published=card.published,
            updated=card.updated,
            type=card.type,
            provider=self.provider(card.outlet.domain, card.outlet.name),
            topics=self.chips(card),
            picture=self.pictures.view(card.picture, card.focus),
            outlets=tuple(dict.fromkeys(outlet.record.name for outlet in self.outlets(self._others(card)))),
            pinned=is_pinned(card, self.library.now),
            language=self.language(card),
            direction=item_direction(self.language(card), self.settings.language.replace("_", "-"), card.title),
            indexable=self.is_indexable(card),
        )

    def _others(self, card: Card) -> list[Mention]:
        """Return the reports of other outlets than the article's own."""
        return [m for m in card.mentions if not m.domain or m.domain != card.outlet.domain]

    def _provider(self, domain: str, name: str) -> ProviderView:
        provider = self.library.providers.get(domain) if domain else None
        name = provider.name if provider else name
        has_page = provider is not None and provider.has_page and self.settings.outputs.providers
        return ProviderView(
            name=name,
            domain=domain,
            url=self.url(f"providers/{domain}/") if has_page else "",
            mark=next((char.upper() for char in name if char.isalnum()), "•"),
            hue=hue(domain or name),
            logo=self.pictures.logo(provider.pictures) if provider else None,
        )

    def _hue_of(self, topic: Topic) -> str:
        """A sub-topic has its main topic's colour."""
        topics = self.library.topics
        while topic.parent and topic.parent != topics.root:
            topic = topics.by_slug[topic.parent]
        return topic.slug


def hue(name: str) -> int:
    """Return one of the palette's colours, always the same for a name."""
    return blake2b(name.encode(), digest_size=1).digest()[0] % HUES
