"""Whole sites, built by the command and read as strangers read them: browsers, feed readers, crawlers, API clients."""

from __future__ import annotations

import fcntl
import gzip
import io
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from shutil import copytree, rmtree
from urllib.parse import unquote, urlsplit

import PIL.Image
import pytest
from lxml import etree  # type: ignore[import-untyped]
from site_kit import REPOSITORY, SmallSite, report, run
from validate import dead_links, feed_problems, html_problems, sitemap_problems

CORPUS = REPOSITORY.parent / "shared" / "corpus"
# Tags that the reader takes out and tags that it leaves as text; what ends a script, a title, a CDATA section, an
# attribute; template syntax; characters that no XML document may hold, or that turn or end a line.
HOSTILE = (
    "]]></script><script>alert(1)</script><img src=x onerror=alert(2)><!-- --> </title><title><xmp> <data onload=x>"
    """ " onmouseover="alert(3)" ' &lt;svg/onload=x&gt; &amp;amp; {{ 7 * 7 }} {% raw %} \x00\x08\u202e\u2028 &#xFFFE;"""
    "&#0; end"
)
# Of `site.toml`. `dead_links` takes the description of an RSS channel, which is text, for HTML.
VISIBLE = "".join(filter(str.isprintable, HOSTILE)).replace("src=x", "alt=x")
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaften"
LONG_TITLE = ("A title that goes on and on " * 8)[:199] + "."
BODY = """\
A [story of ours](2026-02-27-plain.md), one [elsewhere](https://elsewhere.example/?a=1&b=2 "A \\"title\\""),
and <b onclick="x()">bold</b>.

# A heading of the first rank

| Left | Right |
|:-----|------:|
| `code` | 1 |
| https://example.org/a-very-long-address-without-any-place-to-break/that-goes-on-and-on-and-on | 2 |

```python
print("<script>" + "a line that is far too long for a telephone" * 1000000000000000000000000000000000000)
```

![A picture](/images/wide.png "Its title")

<script>alert(1)</script><style>*{display:none}</style><p style="color:red">x</p><iframe src="https://evil.example/"></iframe>
<svg onload="alert(1)"></svg> <a href="javascript:alert(1)">no</a>

A note[^1], and a term
: that is explained.

[^1]: The note.
"""


# -- the sites ---------------------------------------------------------------------------------------------------------


def sample_site(root: Path) -> SmallSite:
    """Copy the sample site."""
    copytree(REPOSITORY / "content", root / "content")
    site = SmallSite(root)
    site.write("site.toml", (REPOSITORY / "site.toml").read_bytes())
    return site


def corpus_site(root: Path, name: str, base_url: str) -> SmallSite:
    """Make a site of real files, which are read where they lie."""
    content = CORPUS / name
    if not content.is_dir():
        pytest.skip(f"{content} is not there: the real files are no part of the repository")
    site = SmallSite(root)
    site.settings(title=name.capitalize(), base_url=base_url, content=str(content))
    return site


def nasty_site(root: Path) -> SmallSite:
    """Make a site whose every text is hostile, very long, empty or of an unusual script."""
    site = SmallSite(root)
    site.settings(
        title=f"Nasty {VISIBLE}",
        description=VISIBLE,
        base_url="https://example.org/news-site",
        feed_authority="desk@example.org,2020-02",
        timezone="Asia/Kathmandu",
        outputs={"search": True},
        sections=["news", "opinion"],
    )
    topic = {"_id": "hostile", "name": HOSTILE, "description": HOSTILE, "aliases": ["Old < name"], "images": ["/x.png"]}
    site.write("content/topics/01.yaml", json.dumps(topic))
    site.topic("C#", 2, parent=HOSTILE)
    site.topic("東京", 3, aliases=["Edo"], redirect_from=["/tokyo/"], description="日本の首都。" * 40)
    site.provider("bücher.example", name=HOSTILE, description=HOSTILE, images=["/assets/mark.png"])
    site.write("content/assets/mark.png", picture(90, 40, "PNG"))
    site.write("content/images/wide.png", picture(700, 30, "PNG"))
    site.write("content/images/upright.jpg", picture(900, 700, "JPEG"))
    site.page("about", f"About {HOSTILE}", BODY, redirect_from=["/about-us.html", "/who we are/"])
    site.page("long", LONG_TITLE + LONG_WORD, "Short.\n")
    site.article(
        "2026-02-28-hostile",
        BODY,
        title=f"{HOSTILE} {LONG_WORD}",
        excerpt=HOSTILE,
        publishedDateTime="2026-02-28T23:30:00Z",
        updatedDateTime="2026-03-01T01:00:00+05:45",
        webUrl="https://bücher.example/ein buch?a=1&b=\"<'>#x",
        type=HOSTILE,
        locale="fr_CH",
        tags=[HOSTILE],
        topics=[HOSTILE, "C#", "東京", f"Unheard {LONG_WORD}"],
        provider={"name": HOSTILE, "domain": "bücher.example"},
        images=[{"url": "/images/upright.jpg", "title": HOSTILE, "attribution": HOSTILE}],
        related=[hostile_report(number) for number in range(180)],
        redirect_from=["/old/*/:x/", "/öld/"],
        quality=189,
        heat=4000,
        secured="aGVsbG8=;AAAAAAAAAAAAAAAAAAAAAA==",
        unknown={"hostile": HOSTILE},
    )
    site.article("2026-02-27-plain", title=LONG_TITLE, excerpt="", topics=["C#"], provider={})
    site.article(
        "2026-02-26-video_of_東京",
        title="東京" * 60,
        type="video",
        locale="ja-JP",
        topics=["Edo", "C#"],
        featuredContent='<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ" onload="x"></iframe>',
        originalUrl="https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        images=[{"url": "https://elsewhere.example/p.ashx", "width": 7000, "height": 1, "title": "A remote picture"}],
    )
    site.article("2026-02-25-own", "Only here.\n", webUrl="", title=LONG_WORD, images=[{"url": "/images/wide.png"}])
    site.article("2026-02-24-opinion", category="opinion", title="An opinion", provider={"name": LONG_WORD})
    for number in range(45):
        site.article(f"2026-01-{number % 28 + 1:02d}-filler-{number}", topics=["東京"], **spread(number))
    return site


def hostile_report(number: int) -> dict[str, object]:
    """Return one of many reports: of sixty outlets, a third without a page here, some without a date."""
    outlet = number % 60
    name = f"{HOSTILE} {outlet}" if outlet % 3 else LONG_WORD
    given = report(f"r{number}", title=f"{HOSTILE} {number}", excerpt=HOSTILE, quality=number % 7)
    given["provider"] = {"name": name, "domain": f"o{outlet}.example" if outlet % 3 else "not a domain"}
    return given if number % 11 else given | {"publishedDateTime": None, "title": LONG_TITLE}


def spread(number: int) -> dict[str, object]:
    """Return what makes an article different from its neighbours."""
    fields: dict[str, object] = {"publishedDateTime": f"2026-01-{number % 28 + 1:02d}T08:00:00Z", "heat": number}
    fields["provider"] = {"name": f"Outlet {number % 3}", "domain": f"outlet{number % 3}.example"}
    return fields


def arabic_site(root: Path) -> SmallSite:
    """Make a site that is written from right to left, in a folder of its host."""
    site = SmallSite(root)
    site.settings(
        title="الأخبار", description="أخبار الحوسبة والعلوم، مختارة بعناية.", language="ar", timezone="Asia/Riyadh",
        base_url="https://example.org/akhbar/", options={"accent": "green"}, outputs={"search": True},
    )  # fmt: skip
    site.topic("علوم", 1, description="كل ما يُعرف.")
    site.topic("الفيزياء", 2, parent="علوم")
    site.write("content/images/upright.jpg", picture(900, 700, "JPEG"))
    site.page("about", "عن الموقع", "من نحن، و[المواضيع](/topics/).\n\n- واحد\n- اثنان\n\n> اقتباس\n")
    site.article(
        "2026-02-28-خبر",
        "رأينا في الخبر.\n",
        title="أول صورة لثقب أسود في مركز مجرتنا",
        excerpt="نشر علماء الفلك أول صورة للثقب الأسود الهائل في مركز مجرة درب التبانة.",
        topics=["الفيزياء"],
        provider={"name": "الجزيرة", "domain": "aljazeera.example"},
        images=[{"url": "/images/upright.jpg", "title": "صورة", "attribution": "ESO"}],
        related=[report("one"), report("two", title="تقرير ثان", provider={"name": "Le Monde"})],
        heat=300,
    )
    site.article("2026-02-27-latin", title="A first image of C++ (in English)", locale="en", topics=["علوم"])
    for number in range(24):
        site.article(f"خبر-{number}", title=f"خبر رقم {number} من الأرشيف", topics=["الفيزياء"], **spread(number))
    return site


def one_site(root: Path) -> SmallSite:
    """Make a site with one article and nothing else."""
    site = SmallSite(root)
    site.settings(title="One", base_url="http://localhost:8000/", feed_link="page", feed_hub="https://hub.example/?a&b")
    site.article("2026-02-01-only", topics=["Alone"])
    return site


def empty_site(root: Path) -> SmallSite:
    """Make a site without articles."""
    site = SmallSite(root)
    site.settings(title="Nothing yet")
    (root / "content").mkdir()
    return site


MAKERS: dict[str, Callable[[Path], SmallSite]] = {
    "sample": sample_site,
    "powerapps": lambda root: corpus_site(root, "powerapps", "https://example.org/news-site/"),
    "stories": lambda root: corpus_site(root, "stories", "https://stories.example/"),
    "nasty": nasty_site,
    "arabic": arabic_site,
    "one": one_site,
    "empty": empty_site,
}


def in_wire(make: Callable[[Path], SmallSite]) -> Callable[[Path], SmallSite]:
    """Return what makes a site in the second theme."""

    def dressed(root: Path) -> SmallSite:
        site = make(root)
        settings = (root / "site.toml").read_text("utf-8")
        site.write("site.toml", f'theme = "wire"\n{settings}')
        return site

    return dressed


DRESSED = {f"wire {name}": in_wire(MAKERS[name]) for name in ("nasty", "powerapps", "stories")}


def picture(width: int, height: int, kind: str) -> bytes:
    """Return a picture with a gradient in it; a JPEG is stored on its side and says where it was taken."""
    image = PIL.Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    if kind == "PNG":
        image.save(out, kind)
        return out.getvalue()
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # turn it a quarter to the right
    exif[0x8825] = {1: "N", 2: (47.0, 22.0, 0.0), 3: "E", 4: (8.0, 32.0, 0.0)}  # GPS
    image.save(out, kind, exif=exif, comment=b"secret")
    return out.getvalue()


# -- what was built ----------------------------------------------------------------------------------------------------


class Output:
    """A site's output, its pages parsed once."""

    def __init__(self, name: str, root: Path):
        self.name = name
        self.root = root
        self.folder = root / "output"
        settings = (root / "site.toml").read_text("utf-8")
        found = re.search(r'^base_url = "([^"]+?)/?"', settings, re.MULTILINE)
        self.base_url = f"{found[1] if found else 'https://example.org'}/"
        self.base = urlsplit(self.base_url).path

    @cached_property
    def pages(self) -> dict[str, etree._Element]:
        """Return the parsed pages by path."""
        parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
        return {self.path(file): etree.parse(file, parser).getroot() for file in sorted(self.folder.rglob("*.html"))}

    @cached_property
    def stubs(self) -> set[str]:
        """Return the pages that only lead on."""
        return {path for path, page in self.pages.items() if page.xpath("//meta[@http-equiv='refresh']")}

    @cached_property
    def own_pages(self) -> dict[str, etree._Element]:
        """Return the pages that show something."""
        return {path: page for path, page in self.pages.items() if path not in self.stubs}

    @cached_property
    def in_sitemaps(self) -> list[str]:
        """Return all addresses in the sitemaps of pages."""
        files = [file for file in sorted(self.folder.glob("sitemap-*.xml")) if file.name != "sitemap-news.xml"]
        return [loc.text for file in files for loc in etree.parse(file).iter("{*}loc")]

    def path(self, file: Path) -> str:
        """Return a file's path in the output."""
        return file.relative_to(self.folder).as_posix()

    def files(self, pattern: str) -> list[Path]:
        """Return files by their name."""
        return sorted(file for file in self.folder.rglob(pattern) if file.is_file())

    def file_of(self, url: str) -> Path:
        """Return the file that an address of the site names."""
        path = unquote(urlsplit(url).path)
        assert path.startswith(self.base), url
        path = path.removeprefix(self.base)
        return self.folder / (f"{path}index.html" if path.endswith("/") or not path else path)

    def documents(self, under: str) -> dict[str, dict[str, object]]:
        """Return the JSON documents below a folder of the API, by their folder's path."""
        root = self.folder / "api" / under
        files = sorted(root.rglob("index.json"))
        return {file.parent.relative_to(root).as_posix(): json.loads(file.read_bytes()) for file in files}


def built(name: str, tmp_path_factory: pytest.TempPathFactory) -> Output:
    """Return a site's output; all processes of a test run share one build."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "outputs"
    shared.mkdir(exist_ok=True)
    root = shared / name
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "built").exists():
            rmtree(root, ignore_errors=True)
            root.mkdir()
            done = run((MAKERS | DRESSED)[name](root), "build", "--jobs", "2")
            assert done.returncode == 0, done.stderr
            (root / "built").touch()
    return Output(name, root)


@pytest.fixture(scope="module", params=MAKERS)
def output(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Output:
    """Return each site in turn."""
    return built(request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """Return the nasty site."""
    return built("nasty", tmp_path_factory)


# -- standards ---------------------------------------------------------------------------------------------------------


def kind(path: str) -> str:
    """Return the kind of page that lies at a path: one template makes all pages of a kind."""
    parts = path.split("/")[:-1]
    if not parts:
        return path
    if parts[0] == "archive":
        return f"archive {len(parts)}"
    if "page" in parts:
        return f"{parts[0]} page"
    return f"{parts[0]} {len(parts)}"


def largest_of_each_kind(output: Output) -> list[Path]:
    """Return one page of each kind."""
    by_kind: dict[str, list[Path]] = {}
    for path in output.pages:
        by_kind.setdefault("stub" if path in output.stubs else kind(path), []).append(output.folder / path)
    return [max(files, key=lambda file: file.stat().st_size) for files in by_kind.values()]


def test_pages_are_valid_html(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Nu validator has nothing to say of any kind of page of any site, in both themes; one JVM reads them all."""
    here = ["wire nasty"] + [name for name in MAKERS if name not in ("powerapps", "stories") or CORPUS.is_dir()]
    pages = [page for name in here for page in largest_of_each_kind(built(name, tmp_path_factory))]
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # a third of the time
    assert html_problems(pages) == []


def test_feeds_are_valid(output: Output) -> None:
    """Every RSS, Atom, JSON Feed and OPML file is valid, and the site's own three are there."""
    names = ("feed.xml", "atom.xml", "feed.json", "opml.xml")
    assert all((output.folder / name).is_file() for name in names)
    files = [file for name in names for file in output.files(name)]
    assert [f"{output.path(file)}: {problem}" for file in files for problem in feed_problems(file)] == []


def test_sitemaps_are_valid(output: Output) -> None:
    """Every sitemap is valid, the index names them all, and robots.txt names the index."""
    files = sorted(output.folder.glob("sitemap*.xml"))
    assert [f"{file.name}: {problem}" for file in files for problem in sitemap_problems(file)] == []
    index = [loc.text for loc in etree.parse(output.folder / "sitemap.xml").iter("{*}loc")]
    assert sorted(index) == sorted(output.base_url + file.name for file in files if file.name != "sitemap.xml")
    assert f"Sitemap: {output.base_url}sitemap.xml\n" in (output.folder / "robots.txt").read_text()


def test_links_lead_somewhere(output: Output) -> None:
    """No link in the whole output is dead: pages, feeds, sitemaps, OPML, API, style sheets."""
    assert dead_links(output.folder, output.base_url) == []


# -- pages -------------------------------------------------------------------------------------------------------------


def test_nothing_foreign_is_loaded(output: Output) -> None:
    """What a browser loads by itself (style sheets, icons, pictures) is the site's, and there is no frame."""
    loads = "//img/@src | //script/@src | //link[@rel='stylesheet' or @rel='icon']/@href | //@srcset | //@poster"
    foreign = {
        (path, url)
        for path, page in output.pages.items()
        for each in page.xpath(loads)
        for url in re.split(r" \d+w(?:, )?", each)
        if url and not (url.startswith(output.base) and not url.startswith("//"))
    }
    assert foreign == set()
    tags = "//iframe | //object | //embed | //base | //script[not(@src or @type='application/ld+json')] | //audio"
    assert [path for path, page in output.pages.items() if page.xpath(tags)] == []
    forms = {action for page in output.pages.values() for action in page.xpath("//form/@action")}
    assert forms <= {f"{output.base}search/"}


def test_a_front_page_is_light(output: Output) -> None:
    """Without pictures, packed as hosts do it, it is under 100 KB; all fonts are under 120, all scripts under 15."""
    page = output.pages["index.html"]
    links = page.xpath("//link[@rel='stylesheet' or @rel='preload']/@href | //script/@src")
    texts = [output.folder / "index.html", *map(output.file_of, links)]
    assert sum(len(gzip.compress(file.read_bytes(), 6)) for file in texts) < 100_000
    assert sum(file.stat().st_size for file in output.files("*.woff2")) < 120_000
    scripts = [file for file in output.files("*.js") if file.parent.name == "assets"]
    assert sum(file.stat().st_size for file in scripts) < 15_000


def test_nothing_is_inline(output: Output) -> None:
    """No page has a style, a `style=`, an event handler, or a data or script URL."""
    inline = (
        "//style | //@style | //@*[starts-with(name(), 'on')] | //@xlink:href | //@*[starts-with(., 'data:')]"
        " | //@*[starts-with(translate(., 'JAVSCRIPT', 'javscript'), 'javascript:')]"
    )
    names = {"xlink": "http://www.w3.org/1999/xlink"}
    found = {path: page.xpath(inline, namespaces=names) for path, page in output.pages.items()}
    assert {path: nodes for path, nodes in found.items() if nodes} == {}


def test_the_policy_is_one(output: Output) -> None:
    """Every page names the policy before it loads anything, and `_headers` says what they all need."""
    policies: dict[bool, set[str]] = {True: set(), False: set()}  # of the search page, which runs WebAssembly, or not
    for path, page in output.pages.items():
        head = [node for node in page.find("head") if isinstance(node.tag, str)]
        assert (head[0].get("charset"), head[1].get("http-equiv")) == ("utf-8", "Content-Security-Policy"), path
        policies[path == "search/index.html"].add(head[1].get("content"))
    headers = (output.folder / "_headers").read_text()
    rule, line = headers.splitlines()[:2]
    assert rule == f"{output.base}*"
    strict = line.replace(" 'wasm-unsafe-eval'", "")
    assert [f"  Content-Security-Policy: {policy}; frame-ancestors 'none'" for policy in policies[False]] == [strict]
    assert "default-src 'none'" in strict
    assert "unsafe" not in strict
    for searching in policies[True]:
        assert " 'wasm-unsafe-eval'" in searching
        assert set(searching.split("; ")) < {*line.split(": ", 1)[1].split("; ")}


def test_pages_know_their_address(output: Output) -> None:
    """A page is canonical to itself, absolutely; OpenGraph says the same, a stub names its target."""
    for path, page in output.pages.items():
        address = output.base_url + path.removesuffix("index.html")
        canonical = [unquote(url) for url in page.xpath("//link[@rel='canonical']/@href")]
        assert len(canonical) == 1, path
        if path in output.stubs:
            assert output.file_of(canonical[0]).is_file(), path
        else:
            assert canonical == [address]
            assert list(map(unquote, page.xpath("//meta[@property='og:url']/@content"))) == [address]
            images = page.xpath("//meta[@property='og:image']/@content")
            assert all(image.startswith(output.base_url) and output.file_of(image).is_file() for image in images)
            assert page.xpath("string(//meta[@name='twitter:card']/@content)") == (
                "summary_large_image" if images else "summary"
            )


def test_what_is_found_by_search_engines(output: Output) -> None:
    """The sitemaps hold exactly the pages that may be indexed, each once."""
    indexable = {
        output.base_url + path.removesuffix("index.html")
        for path, page in output.pages.items()
        if page.xpath("string(//meta[@name='robots']/@content)") != "noindex,follow"
    }
    assert sorted(map(unquote, output.in_sitemaps)) == sorted(indexable)


def test_what_is_held_from_search_engines(output: Output) -> None:
    """Kept out are stubs, 404, search, empty and partial lists, and articles without words of ours; the rest is in."""
    for path, page in output.pages.items():
        noindex = page.xpath("string(//meta[@name='robots']/@content)") == "noindex,follow"
        cards = len(page.xpath("//section[@class='cards']/article"))
        is_list = "list" in page.xpath("string(//main/@class)") and not path.startswith("providers/index")
        if path in output.stubs or path in {"404.html", "search/index.html"}:
            assert noindex, path
        elif page.xpath("//main[@class='story']"):
            has_more = page.xpath("//section[@class='commentary' or @class='coverage'] | //a[@class='video']")
            assert noindex is not bool(has_more), path
        elif is_list:
            assert noindex is (cards < 20 if "/page/" in path else cards == 0), path
        else:
            assert not noindex, path


def test_links_out_are_safe(output: Output) -> None:
    """A link to another site is http(s) with `rel="noopener"`, and opens where the reader is."""
    for path, page in output.pages.items():
        assert page.xpath("//@target") == [], path
        for link in page.xpath("//a[@href]"):
            url = link.get("href")
            assert url.startswith(("http://", "https://", output.base, "#", "mailto:")), (path, url)
            if url.startswith("http"):
                assert link.get("rel") == "noopener", (path, url)


def test_headings_are_an_outline(output: Output) -> None:
    """A page has one h1, no heading skips a rank (what a curator wrote may), none is empty, and ids are unique."""
    for path, page in output.pages.items():
        ranks = [int(node.tag[1]) for node in page.iter("h1", "h2", "h3", "h4", "h5", "h6")
                 if not node.xpath("ancestor::div[@class='prose']")]  # fmt: skip
        assert ranks[0] == 1, path
        assert ranks.count(1) == len(page.xpath("//h1")) == 1, path
        assert all(rank <= before + 1 for before, rank in pairwise(ranks)), (path, ranks)
        words = "normalize-space() or .//img or ancestor::template"
        assert not page.xpath(f"//*[self::h1 or self::h2 or self::h3][not({words})]"), path
        assert [each for each, times in Counter(page.xpath("//@id")).items() if times > 1] == [], path
        assert page.xpath("normalize-space(//title)"), path


def test_language_and_direction(output: Output) -> None:
    """Every page says its language and direction, and texts of any direction stand apart from their neighbours."""
    wanted = ("ar", "rtl") if output.name == "arabic" else ("en", "ltr")
    for path, page in output.pages.items():
        assert (page.get("lang"), page.get("dir")) == wanted, path
        titles = page.xpath("//*[contains(@class, 'card-title')][not(ancestor::template)]")
        own = {"rtl"} if output.name == "arabic" else {"auto"}
        assert {title.get("dir") for title in titles if title.get("lang") is None} <= own, path
        assert {title.get("dir") for title in titles if title.get("lang") is not None} <= {"ltr", "rtl"}, path


def test_structured_data_is_json(output: Output) -> None:
    """JSON-LD parses, calls our pages pages and the outlets' stories the outlets', and cannot end its script."""
    kinds = {"story": "WebPage", "list": "CollectionPage", "front": "WebSite"}
    for path, page in output.own_pages.items():
        for script in page.xpath("//script[@type='application/ld+json']"):
            assert not re.search("[<>]", script.text), path
            node = json.loads(script.text)
            assert node["@context"] == "https://schema.org", path
            assert node["@type"] == kinds[page.xpath("string(//main/@class)").split()[0]], path
            assert node["url"].startswith(output.base_url), path
            main = node.get("mainEntity", {})
            assert main.get("@type") in (None, "NewsArticle", "ItemList"), path
    assert output.pages["index.html"].xpath("//script")


FEED_TYPES = {
    "feed.xml": "application/rss+xml",
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
}


def test_feeds_are_announced(output: Output) -> None:
    """The feeds that a page names are there, with their type, and every feed of the site is named by its page."""
    named = set()
    for page in output.own_pages.values():
        for link in page.xpath("//link[@rel='alternate']"):
            assert link.get("type") == FEED_TYPES[link.get("href").rpartition("/")[2]]
            named.add(output.file_of(link.get("href")))
    assert named == {file for name in ("feed.xml", "atom.xml", "feed.json") for file in output.files(name)}


def test_earlier_addresses(output: Output) -> None:
    """Every line of `_redirects` has a page that leads to the same place for hosts without redirects, and no other."""
    lines = [line.split(" ") for line in (output.folder / "_redirects").read_text("utf-8").splitlines()]
    moved = {output.path(output.file_of(earlier)): target for earlier, target, status in lines if status == "301"}
    assert len(moved) == len(lines)
    assert set(moved) == output.stubs
    for path, target in moved.items():
        refresh = output.pages[path].xpath("string(//meta[@http-equiv='refresh']/@content)")
        assert refresh.partition("url=")[2] == target == output.pages[path].xpath("string(//main//a/@href)")
        assert output.file_of(target).is_file()
        assert output.path(output.file_of(target)) not in output.stubs


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_pictures_are_as_large_as_they_say(output: Output) -> None:
    """Each `width`, `height` and `srcset` entry is what the file measures; none is larger than the original."""
    sizes = {output.path(file): PIL.Image.open(file).size for file in output.files("*.*") if is_picture(output, file)}
    originals = [PIL.Image.open(file).size for file in originals_of(output)]
    largest = max((max(size) for size in originals), default=0)
    used = set()
    for page in output.pages.values():
        for image in page.iter("img"):
            name = output.path(output.file_of(image.get("src")))
            assert sizes[name] == (int(image.get("width")), int(image.get("height")))
            assert image.get("alt") is not None
        for srcset in page.xpath("//@srcset"):
            for entry in srcset.split(", "):
                url, width = entry.rsplit(" ", 1)
                name = output.path(output.file_of(url))
                used.add(name)
                assert f"{sizes[name][0]}w" == width
        used.update(output.path(output.file_of(url)) for url in page.xpath("//meta[@property='og:image']/@content"))
        for box in page.xpath("//svg[not(ancestor::figure[@class='chart'])]"):
            assert int(box.get("width")) > 0 < int(box.get("height"))
            assert box.get("viewbox").split()[:2] == ["0", "0"]
    drawn = {name for name in sizes if name.startswith("images/cards/")}
    assert drawn <= used
    assert all(sizes[name] == (1200, 630) if name in drawn else max(size) <= largest for name, size in sizes.items())
    assert used <= set(sizes)


def is_picture(output: Output, file: Path) -> bool:
    """Tell whether a file is one that the build made of a picture."""
    return output.path(file).startswith("images/")


def originals_of(output: Output) -> Iterator[Path]:
    """Yield the pictures of a site's own content."""
    settings = (output.root / "site.toml").read_text("utf-8")
    found = re.search(r'^content = "(.*)"', settings, re.MULTILINE)
    content = output.root / (found[1] if found else "content")
    yield from (file for file in content.rglob("*.*") if file.suffix in (".png", ".jpg", ".jpeg", ".gif"))


def test_pictures_tell_nothing(output: Output) -> None:
    """No picture holds metadata: no EXIF, no place, no comment, no colour profile's maker, no time."""
    for file in output.files("*.*"):
        if is_picture(output, file):
            with PIL.Image.open(file) as image:
                assert not image.getexif(), file
                assert not {"exif", "comment", "xmp", "photoshop", "XML:com.adobe.xmp", "date"} & set(image.info), file


def test_pictures_stand_upright(nasty: Output) -> None:
    """A photograph that was stored on its side is turned, and is not made larger than it is."""
    page = nasty.pages["news/2026-02-28-hostile/index.html"]
    [hero] = page.xpath("//figure[@class='story-picture']//img")
    assert (hero.get("width"), hero.get("height")) == ("480", "270")  # of 900 × 700 on its side, so 700 wide
    with PIL.Image.open(nasty.file_of(hero.get("src"))) as image:
        left, right = (image.convert("L").getpixel((x, 135)) for x in (5, 475))
    assert left > 200 > 50 > right


# -- the API -----------------------------------------------------------------------------------------------------------

ITEM = tuple(
    (  # noqa: SIM905
        "path title excerpt sourceUrl webUrl originalUrl featuredContent highlight heat tags images content type"
        " ampWebUrl cdnAmpWebUrl publishedDateTime updatedDateTime provider locale categories topics"
    ).split()
)
DOCUMENT = tuple(key for key in ITEM if key not in ("highlight", "content"))
NESTED = {
    "images": ["url", "width", "height", "title", "attribution", "isCached"],
    "provider": ["name", "domain", "images", "publishers", "authors"],
    "services": ["name", "endpoint"],
}


def test_api_pages_chain(output: Output) -> None:
    """From `/api/news/` on, `nextPage` leads through all shown articles, newest first; so does every topic's list."""
    documents = output.documents("news")
    lists = {path: document for path, document in documents.items() if "value" in document}
    roots = sorted({re.sub(r"/?page/\d+$", "", path) or "." for path in lists})
    assert "." in roots
    for root in roots:
        prefix = "" if root == "." else f"{root}/"
        assert lists[root] == lists[f"{prefix}page/1"]
        pages, number = [], 1
        while number:
            page = lists.pop(f"{prefix}page/{number}")
            assert list(page) == ["page", "value", "nextPage"]
            assert page["page"] == number
            pages.append(page["value"])
            number = page["nextPage"]
        assert all(len(page) == 25 for page in pages[:-1])
        assert pages[-1] or len(pages) == 1
        times = [(item["publishedDateTime"], item["path"]) for page in pages for item in page]
        assert len(set(times)) == len(times)
        instants = [instant for instant, _ in times]
        assert instants == sorted(instants, reverse=True)
        if root == ".":
            shown = {path.split("/")[1] for path in output.own_pages if re.fullmatch(r"news/[^/]+/index.html", path)}
            assert {path.removeprefix("_news/").removesuffix(".md") for _, path in times} == shown
    assert set(lists) == set(roots)  # no page is left that no chain leads to


def test_api_keys(output: Output) -> None:
    """Every item has the clients' keys in their order, what is absent is null, and nothing private is among them."""
    for path, document in output.documents("news").items():
        items = document.get("value", [document])
        for item in items:
            assert tuple(item) == (ITEM if "value" in document else DOCUMENT), path
            assert unquote(item["sourceUrl"]).startswith(output.base_url + "api/news/")
            assert output.file_of(item["sourceUrl"]).is_file()
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", item["publishedDateTime"])
            assert item["featuredContent"] is None or item["featuredContent"].startswith("<iframe ")
            assert_shape(item)
    for topic in output.documents("topics")["."]["value"]:
        assert list(topic) == ["name", "shortname", "id", "parent", "images", "services"]
        assert_shape(topic)


def assert_shape(node: dict[str, object]) -> None:
    """Nothing that is empty is anything but null (an excerpt may be), and nested objects have their keys in order."""
    for key, value in node.items():
        assert value not in ("", [], {}) or key == "excerpt", key
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                assert list(each) == NESTED[key]
                assert_shape(each)


def test_nothing_private_is_published(output: Output) -> None:
    """No JSON has a key of the desk's own, and no file the ciphertext."""
    private = {"secured", "quality", "published", "related"}
    for file in output.files("*.json"):
        assert not private & set(keys(json.loads(file.read_bytes()))), file
    for file in output.folder.rglob("*"):
        assert not file.is_file() or b"aGVsbG8=;AAAAAAAAAAAAAAAAAAAAAA" not in file.read_bytes(), file


def keys(node: object) -> Iterator[str]:
    """Yield every key at any depth."""
    if isinstance(node, dict):
        yield from node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from keys(each)


# -- hostile text ------------------------------------------------------------------------------------------------------


def test_hostile_text_is_text(nasty: Output) -> None:
    """What an outlet wrote arrives as the text it is: nothing in it is markup, in HTML, Atom, RSS or JSON."""
    title = nasty.pages["news/2026-02-28-hostile/index.html"].xpath("string(//h1)")
    assert '</title><title><xmp> <data onload=x> " onmouseover="alert(3)" \' <svg/onload=x>' in title
    assert "{{ 7 * 7 }} {% raw %}" in title
    assert title.endswith(LONG_WORD)
    atom = etree.parse(nasty.folder / "atom.xml").xpath("//*[local-name()='entry']/*[local-name()='title']/text()")
    rss = etree.parse(nasty.folder / "feed.xml").xpath("//item/title/text()")
    feed = [item["title"] for item in json.loads((nasty.folder / "feed.json").read_bytes())["items"]]
    api = [item["title"] for item in json.loads((nasty.folder / "api/news/index.json").read_bytes())["value"]]
    assert {texts[0] for texts in (atom, rss, feed, api)} == {title}
    assert not re.search("[\0\x08\u202e\u2028\ufffe]", title)


def test_hostile_markdown_is_harmless(nasty: Output) -> None:
    """A commentary's scripts, handlers, frames and script links are gone; its table, code and picture are there."""
    body = nasty.pages["about/index.html"].xpath("//div[@class='prose']")[0]
    assert {node.tag for node in body.iter()} >= {"table", "pre", "code", "picture", "dl", "sup", "h2"}
    assert not body.xpath(".//@onclick | .//@style | .//iframe | .//a[starts-with(@href, 'java')]")
    assert body.xpath("string(.//a[1]/@href)") == "/news-site/news/2026-02-27-plain/"


def test_no_file_holds_a_control_character(output: Output) -> None:
    """No page, feed or sitemap holds a character that HTML and XML forbid, or one that turns text round."""
    forbidden = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
    for file in (*output.files("*.html"), *output.files("*.xml"), *output.files("*.json")):
        assert not forbidden.search(file.read_text("utf-8")), file


# -- addresses ---------------------------------------------------------------------------------------------------------


def test_feed_ids_outlive_a_move(tmp_path: Path) -> None:
    """With `feed_authority` set, a site's move to another address changes no id in any feed."""

    def ids(base_url: str) -> list[str]:
        site = one_site(tmp_path)
        site.settings(title="One", base_url=base_url, feed_authority="desk.example,2020")
        assert run(site, "build").returncode == 0
        tree = etree.parse(site.output / "atom.xml")
        feed = json.loads((site.output / "feed.json").read_bytes())
        guids = etree.parse(site.output / "topics/alone/feed.xml").xpath("//guid/text()")
        return [node.text for node in tree.iter("{*}id")] + [item["id"] for item in feed["items"]] + guids

    before = ids("https://old.example/")
    assert before == ids("https://new.example/sub/path/")
    assert before[1:] == ["tag:desk.example,2020:/news/2026-02-01-only/"] * 3


def test_topics_of_any_script_have_pages(nasty: Output) -> None:
    """`C#` and `東京` are topics with pages, and an outlet of an international domain is known by its punycode."""
    assert {"topics/c-sharp/index.html", "topics/東京/index.html"} <= set(nasty.own_pages)
    domains = {item["provider"]["domain"] for item in nasty.documents("news")["."]["value"]}
    assert "xn--bcher-kva.example" in domains


def test_missing_page_works_at_any_depth(output: Output) -> None:
    """Every address on 404.html is root-relative or absolute, for it is served wherever something is missing."""
    page = output.pages["404.html"]
    addresses = page.xpath("//@href | //@src")
    assert all(url.startswith((output.base, "http")) or url == "#main" for url in addresses)
    assert page.xpath(f"//main//a[@href='{output.base}']")


# -- known mistakes ----------------------------------------------------------------------------------------------------


def test_a_locale_that_is_none(tmp_path: Path) -> None:
    """A `locale` that is no language tag reaches neither `lang` nor `xml:lang`."""
    site = one_site(tmp_path)
    site.article("2026-02-02-odd", locale='en"><script>')
    assert run(site, "build").returncode == 0
    page = etree.parse(site.output / "index.html", etree.HTMLParser(encoding="utf-8"))
    assert all(re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag) for tag in page.xpath("//@lang"))
    assert feed_problems(site.output / "atom.xml") == []


def test_settings_with_control_characters(tmp_path: Path) -> None:
    """A control character in `site.toml` is a mistake that is reported, or it is dropped; no page holds it."""
    site = one_site(tmp_path)
    site.settings(title="One\x00\x08\u202e")
    done = run(site, "build")
    assert done.returncode == 2 or not re.search("[\0\x08\u202e]", (site.output / "index.html").read_text("utf-8"))
