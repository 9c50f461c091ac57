"""Words: catalogues are whole, every page kind speaks its language, plural forms fit, and mistakes are named."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from types import CodeType

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from fixture_views import THEME, article, examples, site
from jinja2.compiler import CodeGenerator
from lxml import html  # type: ignore[import-untyped]
from msgspec.structs import replace
from site_kit import REPOSITORY, SmallSite, build, full_site, run_here
from test_load import write

from generator.base.problems import ConfigError
from generator.theme import compiler, environment, views
from generator.theme.catalogue import nearest
from generator.theme.direction import direction, item_direction
from generator.theme.load import Theme, load_theme, template_digest
from generator.theme.render import Renderer
from generator.theme.words import Words, plural_index

LOCALE = THEME / "locale"
LANGUAGES = ("ar", "de", "es", "fr", "ja")
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
WHERE = [("themes/**/templates/**.html", "jinja2"), ("generator/pages/**.py", "python")]

# What a language says as English does; all else has to differ.
SAME = {
    "ar": set[str](),
    "de": {"Feeds", "Video", "Videos", "Trends", ", "},
    "es": {", "},
    "fr": {"%(heading)s, page %(number)s", "Page %(number)s", "Articles", ", "},
    "ja": set[str](),
}
# Words in pages of the fixtures: on the front page, in an article, in a list.
TELLING = {
    "ar": ("أحدث الأخبار", "المزيد من التغطية", "الصفحة 3"),
    "de": ("Neueste Meldungen", "Weitere Berichte", "Seite 3"),
    "en": ("Newest", "More coverage", "Page 3"),
    "es": ("Lo más reciente", "Más cobertura", "Página 3"),
    "fr": ("Dernières nouvelles", "Dans les autres médias", "Page 3"),
    "ja": ("新着", "ほかの報道", "3ページ"),
}
COUNTED = (
    "{% for n in (0, 1, 2, 3, 11, 100) %}"
    "{% trans count=n, number=n | number %}{{ number }} more outlet"
    "{% pluralize %}{{ number }} more outlets{% endtrans %}|{% endfor %}"
)


def catalogue(language: str) -> Catalog:
    """Return one of the bundled catalogues."""
    return read_po(BytesIO((LOCALE / language / "LC_MESSAGES/messages.po").read_bytes()))


def said() -> set[str | tuple[str, ...]]:
    """Return every message of the bundled templates and of the program, plurals with their singular."""
    found = extract_from_dir(REPOSITORY, WHERE, {"themes/**/templates/**.html": JINJA})
    messages = (message[2] for message in found)
    return {tuple(message) if isinstance(message, tuple | list) else message for message in messages}


def texts(message: Message) -> tuple[str, ...]:
    """Return a message's translation, every form of it."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def in_language(view: views.View, language: str) -> views.View:
    """Return a view as a site in a language has it."""
    return replace(view, site=site(language, direction(language)))


def shown(folder: Path, text: str, catalogues: dict[str, str], language: str) -> str:
    """Return what a theme with this template and these catalogues makes of an example article."""
    return Renderer(themed(folder, text, catalogues, language), language).render(article()).decode()


def themed(folder: Path, text: str, catalogues: dict[str, str], language: str) -> Theme:
    """Return a theme with this template for articles and these catalogues."""
    files: dict[str, str | bytes] = {f"locale/{name}/LC_MESSAGES/messages.po": po for name, po in catalogues.items()}
    return load_theme(write(folder, files | {"templates/article.html": text}), language)


def po(*pairs: tuple[str, str], head: str = "Content-Type: text/plain; charset=utf-8\\n") -> str:
    """Return a catalogue of these messages."""
    return f'msgid ""\nmsgstr "{head}"\n\n' + "\n".join(f'msgid "{text}"\nmsgstr "{own}"\n' for text, own in pairs)


# -- the bundled catalogues ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_whole(language: str) -> None:
    """Every message is there, certain and in other words than in English, but for a listed few; none is left over."""
    found = {message.id: message for message in catalogue(language) if message.id}
    assert found.keys() == said()
    assert [key for key, message in found.items() if message.fuzzy or not all(texts(message))] == []
    english = {key for key, message in found.items() if key in (message.string, *texts(message))}
    assert english == SAME[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_agree(language: str) -> None:
    """A translation has the placeholders and the tags of its message; a form of one number only may lack the number."""
    marks = re.compile(r"%\(\w+\)s|</?\w+>")
    for message in catalogue(language):
        if message.id:
            wanted = sorted(marks.findall(message.id[-1] if message.pluralizable else message.id))
            for at, text in enumerate(texts(message)):
                of_one_number = message.pluralizable and language == "ar" and at < 3
                assert sorted(marks.findall(text)) == ([] if of_one_number else wanted), (message.id, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_cldr(language: str) -> None:
    """The formula puts numbers together as CLDR does."""
    index, rule = plural_index(catalogue(language).plural_expr), Locale(language).plural_form
    pairs = {(index(number), rule(number)) for number in range(1000)}
    assert len(pairs) == len({form for form, _ in pairs}) == len({category for _, category in pairs})
    assert len(pairs) == catalogue(language).num_plurals


def test_the_template_of_catalogues_is_up_to_date() -> None:
    """A translator finds every message in messages.pot; `make messages` writes it."""
    pot = read_po(BytesIO((LOCALE / "messages.pot").read_bytes()))
    assert {message.id for message in pot if message.id} == said()


# -- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", TELLING)
def test_a_page_of_each_kind_in_each_language(language: str) -> None:
    """Front page, story and list say their language and speak it."""
    renderer = Renderer(load_theme(THEME, language), language)
    names = ("front", "article-many", "section-page")
    for name, telling in zip(names, TELLING[language], strict=True):
        page = html.document_fromstring(renderer.render(in_language(examples()[name], language)))
        assert (page.get("lang"), page.get("dir")) == (language, "rtl" if language == "ar" else "ltr")
        assert telling in page.text_content()


@pytest.mark.parametrize("theme", ["default", "wire"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_english_word_is_left(language: str, theme: str) -> None:
    """No page of any kind shows a message as it is in English, neither as text nor as a label."""
    renderer = Renderer(load_theme(REPOSITORY / "themes" / theme, language), language)
    english = {text for text in said() if isinstance(text, str)} - SAME[language]
    # What the fixtures themselves say in English: names of sections and titles that a site's views bring.
    data = {"News", "Topics", "Outlets", "Archive", "Search", "Year", "Follow", "How we rank", "Trends"}
    for name, view in examples().items():
        if theme == "wire" and name != "front":
            continue
        given = replace(view, site=site(language, direction(language), **_options(theme)))
        page = html.document_fromstring(renderer.render(given))
        there = {text.strip() for text in page.xpath("//text() | //@aria-label")}
        assert there & english <= data, name
        chrome = page.xpath("//a[@href='/topics/' or @href='/providers/' or @href='/archive/']")
        assert not {link.text for link in chrome} & data, name


def _options(theme: str) -> dict[str, bool]:
    return {"sidebar": True} if theme == "wire" else {}


def test_a_site_speaks_its_language(tmp_path: Path) -> None:
    """What the program says is translated, too: titles, sections, numbered pages, feeds."""
    site = full_site(tmp_path, language="de-AT", articles=30)
    assert build(site).problems == ()
    titles = {name: _title(site, name) for name in ("topics", "providers", "archive", "news", "news/page/1")}
    assert titles == {
        "topics": "Themen · Small news",
        "providers": "Medien · Small news",
        "archive": "Archiv · Small news",
        "news": "Nachrichten · Small news",
        "news/page/1": "Nachrichten, Seite 1 · Small news",
    }
    assert "<title>Nachrichten · Small news</title>" in (site.output / "news/feed.xml").read_text()
    assert 'text="Nachrichten"' in (site.output / "opml.xml").read_text()
    assert "Seite nicht gefunden" in (site.output / "404.html").read_text()
    story = html.document_fromstring((site.output / "news/2026-02-28-lead/index.html").read_text())
    assert story.xpath("string(//p[@class='story-kicker']/a)") == "Nachrichten"


def _title(site: SmallSite, name: str) -> str:
    page = html.document_fromstring((site.output / name / "index.html").read_text())
    return str(page.xpath("string(//title)"))


# -- how templates say them ----------------------------------------------------------------------------------------


def test_the_six_forms_of_arabic(tmp_path: Path) -> None:
    """Each of 0, 1, 2, 3, 11 and 100 has a form of its own."""
    assert shown(tmp_path, COUNTED, {}, "ar").split("|")[:-1] == [
        "لا مصادر أخرى", "مصدر آخر واحد", "مصدران آخران", "3 مصادر أخرى", "11 مصدرًا آخر", "100 مصدر آخر",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 more outlet", "3 more outlets"),
        ("de", "1 weiteres Medium", "3 weitere Medien"),
        ("fr", "1 autre média", "3 autres médias"),
        ("ja", "ほか1媒体", "ほか3媒体"),
    ],
)
def test_forms_go_with_numbers(language: str, one: str, many: str, tmp_path: Path) -> None:
    """One and many are said as the language says them."""
    assert shown(tmp_path, COUNTED, {}, language).split("|")[1:4:2] == [one, many]


def test_a_constant_costs_nothing_to_render(tmp_path: Path) -> None:
    """What is compiled of a message is what is compiled of its translation."""
    messages = tuple(themed(tmp_path, "", {}, "de").words.messages.items())

    def code(text: str) -> CodeType:
        return compiler.template_code(text, "x.html", "x.html", messages)

    assert code('<p>{{ _("Topics") }}</p>{{ card.title }}') == code("<p>Themen</p>{{ card.title }}")
    message = "{% trans outlet=card.title %}Read at <bdi>{{ outlet }}</bdi>{% endtrans %}"
    assert code(message) == code("Bei <bdi>{{ card.title }}</bdi> lesen")


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_compiled_says_what_is_looked_up(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is the same where Jinja's own compiler leaves every message to be looked up as it is rendered."""
    loaded = load_theme(THEME, language)
    views_of = {name: in_language(view, language) for name, view in examples().items()}
    known = {name: Renderer(loaded, language).render(view) for name, view in views_of.items()}
    monkeypatch.setattr(compiler, "Compiler", CodeGenerator)
    monkeypatch.setattr(environment, "template_code", compiler.template_code.__wrapped__)
    assert {name: Renderer(loaded, language).render(view) for name, view in views_of.items()} == known


def test_a_text_is_escaped_and_markup_is_markup(tmp_path: Path) -> None:
    """`_()` is text in every place; `trans` is markup around values that are escaped."""
    catalogues = {"de": po(("Main", '<b> & \\"x\\"'), ("By %(who)s", "<i>%(who)s</i> 100%%"))}
    text = '<p title="{{ _("Main") }}">{% trans who="<b>" %}By {{ who }}{% endtrans %}{{ _("Ma" ~ "in") }}</p>'
    assert shown(tmp_path, text, catalogues, "de") == (
        '<p title="&lt;b&gt; &amp; &#34;x&#34;"><i>&lt;b&gt;</i> 100%&lt;b&gt; &amp; &#34;x&#34;</p>'
    )


def test_contexts_keep_words_apart(tmp_path: Path) -> None:
    """One English word may be two in another language."""
    head = 'msgid ""\nmsgstr ""\n\n'
    both = head + 'msgctxt "video"\nmsgid "Lead"\nmsgstr "Vorspann"\n\nmsgid "Lead"\nmsgstr "Aufmacher"\n'
    assert (
        shown(tmp_path, '{{ pgettext("video", "Lead") }} {{ _("Lead") }}', {"de": both}, "de") == "Vorspann Aufmacher"
    )


def test_an_unknown_message_is_shown_as_it_is(tmp_path: Path) -> None:
    """What no catalogue has is said as the template has it, constant or computed; an untold or fuzzy one, too."""
    catalogues = {"de": po(("Empty", "")) + '\n#, fuzzy\nmsgid "Unsure"\nmsgstr "?"\n'}
    text = '{{ _("Never 100%") }} {{ _("No" ~ "where") }} {{ _("Empty") }} {{ _("Unsure") }}'
    assert shown(tmp_path, text, catalogues, "de") == "Never 100% Nowhere Empty Unsure"


def test_what_is_not_there_is_a_mistake_in_a_message_too(tmp_path: Path) -> None:
    """A name inside of `trans` is looked for as strictly as any other."""
    with pytest.raises(Exception, match=r"article.html:2: `card.titel` is not there; a card has"):
        shown(tmp_path, "\n{% trans who=card.titel %}By {{ who }}{% endtrans %}", {}, "de")


# -- which catalogue -----------------------------------------------------------------------------------------------


def test_the_nearest_catalogue_counts(tmp_path: Path) -> None:
    """A region before its language, a theme's own words before those that stand behind it, message by message."""
    assert nearest("pt-BR") == ["pt_br", "pt"]
    catalogues = {"de_AT": po(("Main", "Oida")), "de": po(("Main", "Haupt"), ("Newest", "Frisch"))}
    text = '{{ _("Main") }} {{ _("Newest") }} {{ _("Archive") }}'
    assert shown(tmp_path, text, catalogues, "de-AT") == "Oida Frisch Archiv"
    assert shown(tmp_path, text, catalogues, "de-CH") == "Haupt Frisch Archiv"
    assert shown(tmp_path, text, catalogues, "fr") == "Navigation principale Dernières nouvelles Archives"
    assert shown(tmp_path, text, catalogues, "en-GB") == "Main Newest Archive"


def test_a_site_has_words_of_its_own(tmp_path: Path) -> None:
    """The folder `locale/` of a site goes before its theme's; so it names its sections, in English, too."""
    site = full_site(tmp_path, sections=["news", "opinion"])
    site.write("locale/en/LC_MESSAGES/messages.po", po(("Newest", "Fresh"), ("Opinion", "Our columns")))
    build(site)
    page = (site.output / "index.html").read_text()
    assert ">Fresh<" in page
    assert ">Our columns<" in page


def test_a_language_without_words_is_told_once(tmp_path: Path) -> None:
    """Its pages are English, one warning stands at the setting and says which languages there are."""
    site = full_site(tmp_path, language="it")
    said_of_it = [line for line in run_here(site, "build").err.splitlines() if "language" in line]
    assert said_of_it == [
        "warning: site.toml:3:1: language: the theme has no words in `it`, so its pages say theirs in English; "
        "there are: ar, de, en, es, fr, ja; others go into locale/it/LC_MESSAGES/messages.po"
    ]
    assert "Newest" in (site.output / "index.html").read_text()
    site.write("locale/it/LC_MESSAGES/messages.po", po(("Newest", "Ultime")))
    assert "language" not in run_here(site, "build").err
    assert "Ultime" in (site.output / "index.html").read_text()


# -- mistakes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('msgid ""\nmsgstr ""\n\nmsgid "Main\nmsgstr "x"\n', ":4: "),
        ('msgid ""\nmsgstr ""\n\nmsgid "Main"\nmsgstrr "x"\n', ":5: "),
        (po(("By %(who)s", "Von %(wer)s")), ":4: 'By %(who)s' has no %(wer)s; it has: who"),
        (po(("By %(who)s", "%(who)s 100%")), ":4: '%(who)s 100%' has a `%` that begins no placeholder; a percent sign"),
        (
            po(head="Plural-Forms: nplurals=2; plural=(n != 1);\\n")
            + '\nmsgid "one"\nmsgid_plural "many"\nmsgstr[0] "x"\n',
            ":5: 'one' has 1 plural forms; the head of the file says nplurals=2",
        ),
        (
            po(head="Plural-Forms: nplurals=2; plural=n.__class__;\\n") + '\nmsgid "a"\nmsgstr "b"\n',
            ":2: Plural-Forms: ",
        ),
        (
            po() + '\nmsgid "one"\nmsgid_plural "many"\nmsgstr[0] "x"\nmsgstr[1] "y"\n',
            ": Plural-Forms: is not in the head of the file; such as: nplurals=2; plural=(n != 1);",
        ),
    ],
)
def test_a_broken_catalogue_is_named_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    """What is wrong in a `.po` file is a problem with its place, and only where the language is the site's."""
    with pytest.raises(ConfigError) as caught:
        themed(tmp_path, "", {"de": text}, "de")
    assert f"themes/paper/locale/de/LC_MESSAGES/messages.po{message}" in str(caught.value)
    assert themed(tmp_path, "", {"de": text}, "fr").words.gettext("Main") == "Navigation principale"


def test_a_catalogue_is_utf_8(tmp_path: Path) -> None:
    """Another encoding is named."""
    folder = write(tmp_path, {"locale/de/LC_MESSAGES/messages.po": b"\xff"})
    with pytest.raises(ConfigError, match=r"messages.po: is not UTF-8 .*; save it as UTF-8"):
        load_theme(folder, "de")


# -- keys ----------------------------------------------------------------------------------------------------------


def test_a_template_depends_on_the_words_that_it_says(tmp_path: Path) -> None:
    """Another translation of its own message is another digest; that of a message which it does not say is none."""
    text = '{{ _("Main") }}{% trans n=3 %}%{% pluralize %}{{ n }}{% endtrans %}{{ pgettext("here", "Lead") }}'

    def digest(template: str, **words: str) -> bytes:
        pairs = ((name.replace("_", " "), own) for name, own in words.items())
        return template_digest(themed(tmp_path, template, {"de": po(*pairs)}, "de"), "article.html")

    assert digest(text, Main="a") != digest(text, Main="b")
    assert digest(text, Main="a", Newest="a") == digest(text, Main="a", Newest="b")
    assert digest("{{ _(card.title) }}", Newest="a") != digest("{{ _(card.title) }}", Newest="b")
    assert digest("{% set say = _ %}{{ say('x') }}", Newest="a") != digest(
        "{% set say = _ %}{{ say('x') }}", Newest="b"
    )


def test_words_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build in which the catalogues are as they were does not parse them, and one in English has none to parse."""
    parsed = []
    site = full_site(tmp_path, language="de")
    from generator.theme import catalogue as module

    read = module._read
    monkeypatch.setattr(module, "_read", lambda sources: parsed.append(len(sources)) or read(sources))
    for title in ("One", "Two"):
        site.article("2026-02-28-lead", title=title)
        build(site)
    assert len(parsed) == 1
    site.settings(title="Small news", base_url="https://news.example/")
    build(site)
    assert len(parsed) == 1


def test_english_needs_no_catalogue() -> None:
    """Words without a catalogue say English."""
    words = Words()
    assert (words.gettext("x"), words.pgettext("c", "x")) == ("x", "x")
    assert [words.ngettext("one", "many", number) for number in (0, 1, 2)] == ["many", "one", "many"]
    assert words.npgettext("c", "one", "many", 1) == "one"


# -- direction -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "site", "title", "expected"),
    [
        ("en", "en", "One", "auto"),
        ("de", "en", "Eins", "ltr"),
        ("ar", "en", "OpenAI تعلن", "rtl"),
        ("he-IL", "en", "אחת", "rtl"),
        ("az-Arab", "en", "x", "rtl"),
        ("ha-Latn", "ar", "x", "ltr"),
        ("ar", "ar", "OpenAI تعلن", "rtl"),
        ("ar", "ar", "2024 in pictures", "auto"),
        ("en", "ar", "One", "ltr"),
    ],
)
def test_the_direction_of_an_item(language: str, site: str, title: str, expected: str) -> None:
    """An item's language says how it runs; in the site's own a title's letters do, wherever its first ones are from."""
    assert item_direction(language, site, title) == expected
