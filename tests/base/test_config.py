"""Settings: `site.toml` with its defaults, and every mistake in it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.base.config import Ranking, Settings, base_path, load_site, read_settings
from generator.base.problems import ConfigError


def complaints(text: str) -> list[str]:
    """Return what is said of a `site.toml`."""
    with pytest.raises(ConfigError) as caught:
        read_settings(text)
    return [str(problem).removeprefix("site.toml:") for problem in caught.value.problems]


def folder(root: Path, text: str = "") -> Path:
    """Make a site's folder with a theme `plain` of its own."""
    (root / "themes" / "plain").mkdir(parents=True)
    (root / "themes" / "plain" / "theme.toml").write_text("")
    (root / "site.toml").write_text(text)
    return root


# -- what is good ------------------------------------------------------------------------------------------------------


def test_an_empty_file_is_a_site() -> None:
    """Every setting has a default."""
    settings = read_settings("")
    assert settings == Settings(feed_authority="example.org")
    assert (settings.sections, settings.theme, settings.ranking) == (("news",), "default", Ranking(half_life=24.0))


@pytest.mark.parametrize(
    ("given", "url", "path"),
    [
        ("https://example.org", "https://example.org/", "/"),
        ("https://example.org/", "https://example.org/", "/"),
        ("http://localhost:8000/a/b", "http://localhost:8000/a/b/", "/a/b/"),
        ("https://example.org/news///", "https://example.org/news/", "/news/"),
    ],
)
def test_the_base_url_ends_with_a_slash(given: str, url: str, path: str) -> None:
    """A slash at the end is added where it is missing, and stands once."""
    settings = read_settings(f'base_url = "{given}"')
    assert (settings.base_url, base_path(settings)) == (url, path)


def test_the_feeds_authority_is_the_host_unless_it_is_named() -> None:
    """Feed ids outlive a move of the site where `feed_authority` is set."""
    assert read_settings('base_url = "https://a.example:8443/x/"').feed_authority == "a.example"
    assert read_settings('feed_authority = "b.example,2019-05"').feed_authority == "b.example,2019-05"


def test_whole_numbers_are_numbers() -> None:
    """`half_life = 24` and `24.0` are the same."""
    assert read_settings("[ranking]\nhalf_life = 12").ranking.half_life == 12.0


def test_hosts_of_pictures_are_read() -> None:
    """A host may be a name or an address, with a port where it is mapped; a table may be written either way."""
    text = (
        '[images]\nallow_hosts = ["127.0.0.1", "[::1]"]\n[images.host_map]\n"a.example:8080" = "https://[::1]:9000/"\n'
    )
    images = read_settings(text).images
    assert (images.allow_hosts, images.host_map) == (("127.0.0.1", "[::1]"), {"a.example:8080": "https://[::1]:9000/"})
    assert (images.fetch, images.fetch_budget, images.formats) == (True, 60.0, ("webp",))


# -- mistakes ----------------------------------------------------------------------------------------------------------


def test_all_mistakes_come_at_once() -> None:
    """Unknown keys, wrong types and values that only a look at their meaning refuses are told together, by line."""
    text = 'titel = "x"\ntimezone = "Mars/Olympus"\nlanguage = 3\nbase_url = "example.org"\n[outputs]\nfeeds = 1\n'
    assert [line.split(":")[0] + ":" + line.split(": ")[1] for line in complaints(text)] == [
        "1:titel",
        "2:timezone",
        "3:language",
        "4:base_url",
        "6:outputs.feeds",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('timezone = "Europe/Zurch"', "1:1: timezone: 'Europe/Zurch' is no time zone; did you mean 'Europe/Zurich'?"),
        ('timezone = "../etc/passwd"', "1:1: timezone: '../etc/passwd' is no time zone; use a name such as"),
        ('language = "en US"', '1:1: language: \'en US\' is no language tag; use a tag such as "en" or "pt-BR"'),
        ('feed_hub = "hub.example"', "1:1: feed_hub: 'hub.example' is no address of a hub"),
        ('feed_hub = "https://me:secret@hub.example/"', "1:1: feed_hub: 'https://hub.example/' is no address of a hub"),
        ('feed_link = "both"', '1:1: feed_link: \'both\' is not known; use "source" or "page"'),
        ('feed_authority = "a b"', "1:1: feed_authority: 'a b' is no authority of a tag: URI; use a domain"),
        ('sections = ["News"]', "1:1: sections: 'News' cannot be a section's address; use lower-case letters"),
        ('sections = ["news", "api"]', "1:1: sections: 'api' cannot be a section's address; use lower-case letters"),
        ('sections = ["a", "a"]', "1:1: sections: a section is named twice; name each once"),
        ('sections = [""]', "1:1: sections: expected text with something in it"),
        ('content = "."', "1:1: content: '.' cannot be this folder; name a folder of its own, relative to site.toml"),
        ('[nav]\nX = "x"', '2:1: nav.X: leads to \'x\'; an address starts with "/" (in this site) or with "https:'),
        ('[nav]\n"A b" = "//x.example"', "2:1: nav.A b: leads to '//x.example'; an address starts with"),
        ('[nav]\nX = "javascript:alert(1)"', "2:1: nav.X: leads to 'javascript:alert(1)'; an address starts with"),
        ('[nav]\n"A\\u202Eb" = "/"', "2:1: nav.Ab: its title holds the character U+202E; take it out"),
        ('title = "A\\u0000"', "1:1: title: holds the character U+0000; take it out"),
        ('description = "A\\nb"', "1:1: description: holds the character U+000A; take it out"),
        ("[ranking]\nhalf_life = 0", "2:1: ranking.half_life: expected a number > 0.0"),
        ("[ranking]\nhalf_life = nan", "2:1: ranking.half_life: expected a number > 0.0"),
        ("[images]\nfetchbudget = 9", "2:1: images.fetchbudget: is not a setting; did you mean `fetch_budget`?"),
        ("[images]\nfetch_budget = 0", "2:1: images.fetch_budget: expected a number > 0.0"),
        ("[images]\ntimeout = inf", "2:1: images.timeout: expected a number <= 3600.0"),
        ("[images]\nmax_bytes = 1.5", "2:1: images.max_bytes: expected a whole number, got a number"),
        ("[images]\nmax_pixels = 99_000_000", "2:1: images.max_pixels: expected a whole number <= 25000000"),
        ("[images]\nquality = 100", "2:1: images.quality: expected a whole number <= 95"),
        (
            '[images]\nformats = ["webq"]',
            "2:1: images.formats: 'webq' is no format that can be chosen; did you mean \"webp\"?",
        ),
        ('[images]\nformats = ["jpeg"]', "2:1: images.formats: 'jpeg' is no format that can be chosen; use \"webp\""),
        ('[images]\nformats = ["webp", "webp"]', "2:1: images.formats: a format is named twice; name each once"),
        (
            '[images]\nallow_hosts = ["127.0.0.1", "http://a.example"]',
            "2:1: images.allow_hosts: 'http://a.example' is no host; write a name or an address, without scheme",
        ),
        (
            '[images]\nallow_hosts = ["a.example:80"]',
            "2:1: images.allow_hosts: 'a.example:80' is no host; write a name",
        ),
        (
            '[images]\nhost_map = { "a.example" = "b.example" }',
            "2:1: images.host_map.a.example: leads to 'b.example'; a host is mapped to an origin without a path",
        ),
        (
            '[images.host_map]\n"a.example" = "http://b.example/x"',
            "2:1: images.host_map.a.example: leads to 'http://b.example/x'; a host is mapped to an origin",
        ),
        (
            '[images.host_map]\n"http://a" = "http://b.example"',
            "2:1: images.host_map.http://a: its left side is no host; write it as",
        ),
    ],
)
def test_a_wrong_value_says_what_would_be_right(text: str, said: str) -> None:
    """Each setting's own rule has a message with its line, what is wrong and what would be right."""
    (line,) = [line for line in complaints(text) if "output" not in line]
    assert line.startswith(said)


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "//example.org/", "ftp://example.org/", "https://", "https://a b/"),
        *("https://example.org/?x", "https://example.org/#x", "https://me@example.org/"),
        *("https://example.org:99999/", "https://[::1/"),
    ],
)
def test_a_base_url_is_an_address_of_a_site(url: str) -> None:
    """A scheme, a host and a path, and nothing else."""
    (line,) = complaints(f'base_url = "{url}"')
    assert "is no address of a site; write it as" in line


def test_a_base_url_is_written_in_ascii() -> None:
    """An address with other letters would stand in feeds and sitemaps as it is: the encoded form is the hint."""
    (line,) = complaints('base_url = "https://bücher.example/straße/"')
    assert line.endswith('must encode; write it as "https://xn--bcher-kva.example/stra%C3%9Fe/"')


@pytest.mark.parametrize(
    ("output", "content"),
    [
        *(("content", "content"), ("content/out", "content"), (".", "content"), ("..", "content"), ("a", "a/b")),
        *(("x/../content/out", "content"), ("out", "./out/x"), ("/site", "content")),
    ],
)
def test_output_and_content_are_apart(output: str, content: str) -> None:
    """Neither lies in the other, however it is written."""
    said = complaints(f'output = "{output}"\ncontent = "{content}"')
    assert f"1:1: output: '{output}' and the content folder '{content}' lie in each other; keep them apart" in said


# -- folders -----------------------------------------------------------------------------------------------------------


def test_a_site_is_its_folders(tmp_path: Path) -> None:
    """Content, theme, output and cache are found from the site's own folder."""
    site = load_site(folder(tmp_path, 'theme = "plain"\ncontent = "desk"'))
    assert (site.content, site.theme) == (tmp_path / "desk", tmp_path / "themes" / "plain")
    assert (site.output, site.cache) == (tmp_path / "output", tmp_path / ".broadsheet")


def test_folders_may_lie_elsewhere(tmp_path: Path) -> None:
    """`content` may point at another desk's folder, `--output` anywhere."""
    root = folder(tmp_path / "site", f'theme = "themes/plain"\ncontent = "{tmp_path}/desk"')
    site = load_site(root, output=tmp_path / "www", cache=tmp_path / "cache")
    assert (site.content, site.output, site.cache) == (tmp_path / "desk", tmp_path / "www", tmp_path / "cache")


def test_the_output_asked_for_is_not_in_the_content(tmp_path: Path) -> None:
    """`--output` is held to the same rule as the setting."""
    with pytest.raises(ConfigError, match=r"--output: .* and the content folder 'content' lie in each other"):
        load_site(folder(tmp_path, 'theme = "plain"'), output=tmp_path / "content" / "static" / "x")


def test_a_theme_is_a_folder_or_a_name(tmp_path: Path) -> None:
    """A theme is a folder of the site, one in its `themes/`, or a bundled one; the site's own goes first."""
    folder(tmp_path)
    assert load_site(tmp_path).theme.name == "default"
    (tmp_path / "default").mkdir()
    (tmp_path / "default" / "theme.toml").write_text("")
    assert load_site(tmp_path).theme == tmp_path / "default"


def test_an_unknown_theme_is_told_with_the_other_mistakes(tmp_path: Path) -> None:
    """The message lists the themes that are there; other mistakes of the file come with it."""
    folder(tmp_path, 'titel = ""\ntheme = "plane"')
    with pytest.raises(ConfigError) as caught:
        load_site(tmp_path)
    assert [str(problem) for problem in caught.value.problems] == [
        "site.toml:1:1: titel: is not a setting; did you mean `title`?",
        "site.toml:2:1: theme: there is no theme `plane`; use a folder with a theme.toml, or one of: default, plain, wire",  # noqa: E501
    ]


def test_a_bom_and_windows_lines_are_no_mistake(tmp_path: Path) -> None:
    """The file may be saved by any editor as UTF-8."""
    folder(tmp_path)
    (tmp_path / "site.toml").write_bytes(b'\xef\xbb\xbftitle = "T"\r\ntheme = "plain"\r\n')
    assert load_site(tmp_path).settings.title == "T"
