"""Rendering: escaping, strictness with exact messages, fragments, pictures, dates, and the default theme's pages."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import fixture_views
import msgspec
import pytest
from fixture_views import HOSTILE, THEME, article, card, examples, head, measured, site
from jinja2.compiler import CodeGenerator
from lxml import html  # type: ignore[import-untyped]
from test_load import theme

from generator.base.imaging import Role
from generator.theme import compiler, environment, render, views
from generator.theme.dates import Calendar
from generator.theme.environment import kind_of
from generator.theme.load import load_theme
from generator.theme.markup import picture_markup
from generator.theme.render import Renderer
from generator.theme.templates import TemplateProblem


def shown(folder: Path, text: str, view: views.View | None = None, **templates: str) -> str:
    """Return what a theme with this article template (and others) makes of an example article."""
    return Renderer(theme(folder, article=text, **templates)).render(view or article()).decode()


def mistake(folder: Path, text: str, **templates: str) -> str:
    """Return the message of the problem that this article template has."""
    with pytest.raises(TemplateProblem) as caught:
        shown(folder, text, **templates)
    return str(caught.value.problem).removeprefix("themes/paper/templates/")


# -- what templates may do -----------------------------------------------------------------------------------------


def test_text_is_escaped_in_every_place(tmp_path: Path) -> None:
    """Text that looks like HTML or like a template is text, in elements and in attributes."""
    text = "<p title=\"{{ card.title }}\">{{ card.title }}</p>{{ card.title ~ '<' }}"
    page = shown(tmp_path, text, article(7))
    assert "<script" not in page
    assert html.fromstring(f"<div>{page}</div>")[0].text == HOSTILE
    assert html.fromstring(f"<div>{page}</div>")[0].get("title") == HOSTILE


def test_a_fragment_is_not_escaped_again(tmp_path: Path) -> None:
    """What a fragment made is markup, what stood in it stays escaped."""
    page = shown(tmp_path, '{{ fragment("card.html", card, a=1) }}', article(7), card="<b>{{ card.title }}{{ a }}</b>")
    assert page.startswith("<b>&lt;script&gt;")
    assert page.endswith("1</b>")


@pytest.mark.parametrize(
    "text",
    [
        "{{ card.__class__ }}",
        "{{ card.__struct_fields__ }}",
        "{{ card.record }}",
        "{{ card.digest }}",
        "{{ site.options.__class__.mro() }}",
        "{{ fragment.__self__ }}",
        "{{ fragment.__func__.__globals__ }}",
        "{{ ''.__class__ }}",
        "{{ card['__class__'] }}",
        "{{ '{0.__class__}'.format(card) }}",
        "{{ card | attr('__class__') }}",
        "{{ site.options.update({}) }}",
        "{% set x = site.options.clear() %}",
        "{% include '../theme.toml' %}",
    ],
)
def test_python_is_out_of_reach(tmp_path: Path, text: str) -> None:
    """A template reads plain fields: no internals of Python, nothing that changes a view, no file outside."""
    assert mistake(tmp_path, text).startswith("article.html:1: ")


def test_fields_go_before_methods_of_maps(tmp_path: Path) -> None:
    """An `extra` field called like a method of Python's dict is still that field."""
    view = article(extra={"items": "three", "title": "own"})
    assert shown(tmp_path, "{{ extra.items }} {{ extra.title }} {{ extra.nope is defined }}", view) == "three own False"


# -- mistakes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "\n<p>\n{{ card.titel }}",
            "article.html:3: `card.titel` is not there; a card has: direction, excerpt, indexable, language, outlets, "
            "picture, pinned, provider, published, source_url, title, topics, type, updated, url; "
            "did you mean `title`?",
        ),
        ("\n{{ card.provider.nane }}", "2: `card.provider.nane` is not there; a provider has: domain, hue, logo,"),
        ("{{ cardd.title }}", "1: `cardd` is not there; this template is given: archived, card, commentary, coverage,"),
        ("{{ cardd.title }}", "within; did you mean `card`?"),
        ("{% if site.options.acent %}{% endif %}", "1: `site.options.acent` is not there; `site.options` has: accent,"),
        ("{{ picture.width }}\n{{ embed.id }}", "2: `embed.id` is not there: `embed` is none; ask first: {% if"),
        ("{{ card.title.x }}", "1: `card.title.x` is not there: `card.title` is text"),
        ("{% for x in topics %}{% endfor %}", "1: `topics` is not there; this template is given: "),
        ("{{ asset('stile.css') }}", "1: the theme has no assets/stile.css; there are: a.css, b.css"),
        ("\n{{ picture | picture('big') }}", "2: the theme has no picture role `big`; there are: none"),
        ("\n{{ fragment('gone.html', card) }}", ":2: the theme has no templates/gone.html; "),
        ("\n\n{% if %}", "article.html:3: Expected an expression, got 'end of statement block'"),
        ("\n{{ 1 / 0 }}", "article.html:2: ZeroDivisionError: division by zero"),
        ("{{ card.title | bold }}", "article.html:1: No filter named 'bold'."),
        ("{{ card.title | date }}", "article.html:1: AttributeError: 'str' object has no attribute 'tzinfo'"),
    ],
)
def test_a_mistake_names_file_line_and_what_there_is(tmp_path: Path, text: str, message: str) -> None:
    """A template's mistake is a problem with the place and with what would be right."""
    assert message in mistake(tmp_path, text)


def test_a_mistake_in_an_inner_template_is_named_there(tmp_path: Path) -> None:
    """Through inheritance, include, macro and fragment, the file that is wrong is the one that is named."""
    templates = {
        "base": "{% block main %}{% endblock %}",
        "part": '\n{% from "macros.html" import chip %}{{ chip(card) }}',
        "macros": "{% macro chip(c) %}\n\n\n{{ fragment('card.html', c) }}{% endmacro %}",
        "card": "\n{{ card.titel }}",
    }
    text = '{% extends "base.html" %}{% block main %}{% include "part.html" %}{% endblock %}'
    assert mistake(tmp_path, text, **templates).startswith("card.html:2: `card.titel` is not there; a card has: ")
    templates["card"] = "\n\n{{ site.title }}"
    assert mistake(tmp_path, text, **templates) == "card.html:3: `site` is not there; this template is given: card"


def test_a_template_problem_comes_back_from_a_worker(tmp_path: Path) -> None:
    """It goes through a pipe between processes without losing its place."""
    with pytest.raises(TemplateProblem) as caught:
        shown(tmp_path, "{{ x }}")
    assert pickle.loads(pickle.dumps(caught.value)).problem == caught.value.problem


# -- fragments -----------------------------------------------------------------------------------------------------


def test_equal_fragments_are_rendered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One rendering for equal record, template and options; another for each difference."""
    made: list[str] = []
    real = render.Renderer._text
    monkeypatch.setattr(Renderer, "_text", lambda self, name, given: made.append(name) or real(self, name, given))
    text = "".join(f'{{{{ fragment("card.html", card, {option}) }}}}' for option in ("a=1", "a=1", "b=1"))
    renderer = Renderer(theme(tmp_path, article=text, card="[{{ card.title }}]"))
    view = article()
    twin = msgspec.structs.replace(view, card=card(0))
    renderer.render(view)
    renderer.render(twin)
    assert made.count("card.html") == 2
    renderer.render(article(1))
    assert made.count("card.html") == 4


def test_a_list_gives_each_of_its_fragments(tmp_path: Path) -> None:
    """A tuple of records gives their fragments in order."""
    text = '{{ fragment("topic.html", card.topics) }}'
    page = shown(tmp_path, text, article(3), topic="{# #}<i>{{ topic_link.name }}</i>")
    assert page == "<i>Culture &amp; &lt;i&gt;Ideas&lt;/i&gt;</i><i>東京</i><i>Artificial intelligence</i>"


def test_fragments_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten when there are too many, and made again when asked for."""
    monkeypatch.setattr(render, "FRAGMENTS_SIZE", 100)
    renderer = Renderer(theme(tmp_path, article='{{ fragment("card.html", card) }}', card="{{ card.url }}" + "x" * 30))
    first = renderer.render(article(0))
    for number in range(10):
        renderer.render(article(number))
    assert len(renderer._fragments) <= 2
    assert renderer.render(article(0)) == first


def test_kinds() -> None:
    """A record is called by its kind's name."""
    assert kind_of(card(0).record) == "card"
    assert kind_of(fixture_views.tree(0)[0]) == "topic_node"


# -- pictures ------------------------------------------------------------------------------------------------------

HERO = Role("hero", (480, 800), 16 / 9, "100vw")


def test_a_picture_has_every_format_and_its_measured_size() -> None:
    """Sources, widths, the fallback with its size; the first picture is not lazy."""
    assert picture_markup(measured('a "b"'), HERO, lazy=False) == (
        '<picture><source type="image/webp" srcset="/images/p-1600.webp 1600w" sizes="(min-width: 64rem) 48rem, 100vw">'
        '<img src="/images/p-1600.jpg" srcset="/images/p-800.jpg 800w, /images/p-1600.jpg 1600w" '
        'sizes="(min-width: 64rem) 48rem, 100vw" width="1600" height="900" alt="a &#34;b&#34;" fetchpriority="high">'
        "</picture>"
    )
    assert 'alt="" loading="lazy" decoding="async">' in picture_markup(measured(), HERO, alt="")


def test_a_role_that_was_not_made_falls_back_to_the_widest() -> None:
    """A theme may ask for a role that this picture does not have."""
    assert 'src="/images/p-1600.jpg"' in picture_markup(measured(), Role("thumb", (100,)))


@pytest.mark.parametrize(
    ("role", "declared", "shape"),
    [
        (HERO, (1600, 1067), 'viewBox="0 0 800 450" width="800" height="450"'),
        (HERO, (0, 0), 'viewBox="0 0 800 450" width="800" height="450"'),
        (Role("own", (500,)), (400, 300), 'viewBox="0 0 400 300" width="400" height="300"'),
        (Role("own", (500,)), (0, 0), 'viewBox="0 0 500 500" width="500" height="500"'),
    ],
)
def test_a_picture_without_a_file_is_a_box_of_its_shape(role: Role, declared: tuple[int, int], shape: str) -> None:
    """The box has the role's shape, else the declared one; nothing in it is inline style or data."""
    view = views.PictureView({}, *declared, alt='A "harbour"')
    assert picture_markup(view, role, alt="", hue=7) == f'<svg class="box hue-7" {shape} aria-hidden="true"></svg>'
    assert 'role="img" aria-label="A &#34;harbour&#34;"' in picture_markup(view, role)


def test_no_picture_is_nothing() -> None:
    """Where an article has no picture there is no box either."""
    assert picture_markup(None, HERO) == ""


# -- dates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "zone", "name", "expected"),
    [
        ("en", "UTC", "date", "November 20, 2026"),
        ("en-GB", "UTC", "date", "20 November 2026"),
        ("de", "Europe/Zurich", "date", "21. November 2026"),
        ("de-CH", "Europe/Zurich", "time", "00:30"),
        ("de", "UTC", "datetime", "20. November 2026, 23:30"),
        ("ja", "Asia/Tokyo", "month", "2026年11月"),
        ("ar", "UTC", "month", "نوفمبر 2026"),
        ("en", "America/New_York", "iso", "2026-11-20T18:30:00-05:00"),
        ("de", "UTC", "iso", "2026-11-20T23:30:00Z"),
        ("tlh", "UTC", "month", "November 2026"),
    ],
)
def test_dates_in_the_sites_language_and_zone(language: str, zone: str, name: str, expected: str) -> None:
    """Every date is written as the site's readers write it, on the day that it is where they are."""
    late = datetime(2026, 11, 21, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert Calendar(language, zone).filters()[name](late) == expected


@pytest.mark.parametrize(
    ("zone", "instant", "expected"),
    [
        ("Europe/Berlin", datetime(1890, 7, 2, 3, 4, 5, tzinfo=UTC), "1890-07-02T03:57:33+00:53"),
        ("Europe/London", datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        ("Asia/Kolkata", datetime(1600, 1, 1, tzinfo=UTC), "1600-01-01T05:53:28+05:53"),
    ],
)
def test_an_instant_is_one_that_machines_can_read(zone: str, instant: datetime, expected: str) -> None:
    """RFC 3339 knows offsets in whole minutes only, though a zone's own time before 1900 has seconds; no fractions."""
    assert Calendar("en", zone).iso(instant) == expected


def test_numbers_and_naive_dates() -> None:
    """Numbers have the language's separators; a date without a zone is refused."""
    assert Calendar("de", "UTC").number(1234567) == "1.234.567"
    with pytest.raises(ValueError, match="no time zone"):
        Calendar("en", "UTC").iso(datetime(2026, 1, 1))


def test_a_page_is_written_for_its_place(tmp_path: Path) -> None:
    """Language, zone, base path and policy are the renderer's."""
    text = "{{ asset('a.css') }} {{ card.published | date }} {{ language }} {{ policy }}"
    loaded = theme(tmp_path, article=text)
    place = Renderer(loaded, language="de", zone="Asia/Tokyo", base_path="/news-site/", policy="default-src 'none'")
    page = place.render(article()).decode()
    assert re.fullmatch(r"/news-site/assets/a-[0-9a-f]{16}\.css 20\. November 2026 de default-src 'none'", page)


# -- the default theme ---------------------------------------------------------------------------------------------

EXAMPLES = examples()
LOADED = load_theme(THEME)


def rendered() -> Iterator[tuple[str, views.View, str]]:
    """Yield every example with its page."""
    renderer = Renderer(LOADED)
    for name, view in EXAMPLES.items():
        yield name, view, renderer.render(view).decode()


PAGES = {name: (view, page) for name, view, page in rendered()}


def test_every_kind_of_view_has_an_example() -> None:
    """The examples, and so the tests below, cover all kinds of pages."""
    assert {type(view) for view in EXAMPLES.values()} == set(views.View.__subclasses__())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_default_theme(name: str) -> None:
    """One heading, landmarks, nothing inline, hostile text nowhere a tag, links out without an opener."""
    view, page = PAGES[name]
    tree = html.document_fromstring(page)
    assert len(tree.xpath("//h1")) == 1
    assert len(tree.xpath("//main")) == 1
    assert tree.xpath("string(//html/@lang)") == view.site.record.language
    assert not tree.xpath("//@style | //@*[starts-with(name(), 'on')] | //style | //i | //b")
    assert tree.xpath("//script[not(@type='application/ld+json') and not(starts-with(@src, '/assets/'))]") == []
    assert not tree.xpath("//*[starts-with(@src, 'data:') or starts-with(@href, 'javascript:')]")
    outward = tree.xpath("//a[starts-with(@href, 'http')]")
    assert all(link.get("rel") == "noopener" for link in outward)
    assert len(tree.xpath("//*/@id")) == len(set(tree.xpath("//*/@id")))
    assert all(datetime.fromisoformat(time.get("datetime")) for time in tree.xpath("//time"))
    assert not re.search(r"\{[{%]", page.replace("{{ 7 * 7 }} {% raw %}", ""))


@pytest.mark.parametrize("name", [name for name in PAGES if name != "stub"])
def test_the_head_of_a_page(name: str) -> None:
    """Title, canonical address, feeds, cards of other sites, policy, and JSON-LD that cannot break out."""
    view, page = PAGES[name]
    tree = html.document_fromstring(page)
    assert tree.xpath("string(//link[@rel='canonical']/@href)") == view.page.canonical
    assert tree.xpath("count(//link[@rel='alternate'])") == len(view.site.record.feeds) + len(view.page.feeds)
    assert tree.xpath("string(//meta[@property='og:url']/@content)") == view.page.canonical
    assert tree.xpath("string(//meta[@name='twitter:card']/@content)") == "summary"
    assert "default-src" in tree.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    robots = tree.xpath("string(//meta[@name='robots']/@content)")
    assert robots == ("noindex,follow" if view.page.noindex else "max-image-preview:large")
    assert json.loads(tree.xpath("string(//script[@type='application/ld+json'])"))["name"] == "</script>"
    assert tree.xpath("//a[@class='skip']/@href") == ["#main"]


def test_a_card_has_one_link_of_its_story() -> None:
    """In a card the heading leads to the story; other links lead to its topic and its outlet."""
    tree = html.document_fromstring(PAGES["front"][1])
    for one in tree.xpath("//article"):
        heading = one.xpath(".//*[self::h2 or self::h3]/a/@href")
        assert len(heading) == 1
        assert one.xpath(".//a/@href").count(heading[0]) == 1
        assert not one.xpath(".//img[not(@alt='')]")


def test_languages_of_items() -> None:
    """An item in another language than the site's says so; outlets' names stand apart from the text's direction."""
    tree = html.document_fromstring(PAGES["article-arabic"][1])
    assert tree.xpath("//h1/@lang") == ["ar"]
    assert tree.xpath("//h1/@dir") == tree.xpath("//blockquote/@dir") == ["rtl"]
    assert tree.xpath("//blockquote/@lang") == ["ar"]
    assert not html.document_fromstring(PAGES["article"][1]).xpath("//h1/@lang")
    assert tree.xpath("//span[@class='outlet']//bdi")


def test_a_story_page() -> None:
    """Our commentary comes before the source's words, which are quoted with their origin; then the coverage, by day."""
    page = PAGES["article-many"][1]
    parts = ("<h1", 'class="button"', 'class="commentary"', "<blockquote", "<figcaption><a href=", "More coverage")
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    tree = html.document_fromstring(page)
    assert len(tree.xpath("//section[@class='timeline']//li/time")) == 180
    assert len(tree.xpath("//section[@class='timeline']//time/span")) == 8
    assert len(tree.xpath("//li[@class='coverage-outlet']")) == 90
    assert len(tree.xpath("//details")) == 2
    assert tree.xpath("//li[@class='is-lead']")


def test_a_plain_story_has_no_empty_parts() -> None:
    """Without commentary, picture, coverage and neighbours no heading of them is left."""
    tree = html.document_fromstring(PAGES["article-plain"][1])
    assert tree.xpath("//main//section | //main//nav | //main//h2 | //main//svg") == []


def test_a_video_is_a_plain_link() -> None:
    """Nothing is loaded from the player's host; the picture leads there."""
    tree = html.document_fromstring(PAGES["article-video"][1])
    assert tree.xpath("//a[@class='video']/@href") == ["https://www.youtube.com/watch?v=dQw4w9WgXcQ"]
    assert not tree.xpath("//iframe | //embed | //object")


def test_a_stub_leads_on() -> None:
    """An earlier address sends readers on, without a script and without being indexed."""
    tree = html.document_fromstring(PAGES["stub"][1])
    assert tree.xpath("string(//meta[@http-equiv='refresh']/@content)") == "0; url=/news/new/"
    assert tree.xpath("//main//a/@href") == ["/news/new/"]
    assert tree.xpath("string(//meta[@name='robots']/@content)") == "noindex,follow"


def test_two_renderers_make_the_same_bytes() -> None:
    """What was rendered before, in which order, by whom: it leaves no trace in a page."""
    renderer = Renderer(LOADED)
    for name in reversed(PAGES):
        assert renderer.render(EXAMPLES[name]).decode() == PAGES[name][1]


def test_our_compiler_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """What our compiler writes says what Jinja's own says."""
    monkeypatch.setattr(compiler, "Compiler", CodeGenerator)
    monkeypatch.setattr(environment, "template_code", compiler.template_code.__wrapped__)
    renderer = Renderer(LOADED)
    assert {name: renderer.render(view).decode() for name, view in EXAMPLES.items()} == {
        name: page for name, (_, page) in PAGES.items()
    }


def test_options_reach_the_pages() -> None:
    """The accent is a class, and excerpts in lists can be turned off."""
    plain = views.ListView(
        site=site(accent="blue", show_excerpts=False),
        page=head("x", "/x/"),
        kind="section",
        heading="x",
        intro="",
        cards=(card(0),),
    )
    page = Renderer(LOADED).render(plain).decode()
    assert '<html lang="en" dir="ltr" class="accent-blue">' in page
    assert "card-excerpt" not in page
    assert "card-excerpt" in PAGES["topic"][1]


def test_no_rule_of_the_style_sheet_has_a_left_or_a_right() -> None:
    """Logical properties only, so that the theme reads from either side."""
    sheet = LOADED.assets["style.css"].body.decode()
    assert not re.search(r"(?:margin|padding|border|inset)?-?\b(?:left|right)\s*[:;]", sheet)
    assert "//" not in re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)


def test_the_front_page_without_anything() -> None:
    """An empty site has a page that says so."""
    assert "Nothing has been published yet." in PAGES["front-empty"][1]
