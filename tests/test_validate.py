"""Each validator passes a good document and reports every mistake that is planted in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from validate import dead_links, feed_problems, html_problems, sitemap_problems

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en">
  <title>News</title>
  <id>tag:news.example.org,2020:/</id>
  <updated>2020-02-20T17:44:00Z</updated>
  <author><name>Desk</name></author>
  <link rel="self" type="application/atom+xml" href="https://news.example.org/atom.xml"/>
  <link rel="alternate" type="text/html" href="https://news.example.org/"/>
  <media:rating scheme="urn:simple">nonadult</media:rating>
  <entry>
    <title type="html">AT&amp;amp;T &lt;b&gt;tests&lt;/b&gt;</title>
    <id>tag:news.example.org,2020:/news/one/</id>
    <link rel="alternate" type="text/html" href="https://outlet.example.com/one"/>
    <link rel="related" href="https://news.example.org/news/one/"/>
    <published>2020-02-20T18:44:00+01:00</published>
    <updated>2020-02-20T17:44:00Z</updated>
    <category term="mobile" label="Mobile"/>
    <summary>What it is.</summary>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Why.</p></div></content>
    <media:group><media:thumbnail url="https://news.example.org/a.jpg" width="90"/></media:group>
  </entry>
</feed>
"""

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>News</title>
    <link>https://news.example.org/</link>
    <description>The news</description>
    <atom:link rel="self" type="application/rss+xml" href="https://news.example.org/feed.xml"/>
    <language>en-gb</language>
    <lastBuildDate>Thu, 20 Feb 2020 17:44:00 +0000</lastBuildDate>
    <item>
      <title>One</title>
      <link>https://outlet.example.com/one?a=1&amp;b=%C3%A9</link>
      <description>What it is.</description>
      <dc:creator>Desk</dc:creator>
      <pubDate>Thu, 20 Feb 2020 17:44:00 GMT</pubDate>
      <guid isPermaLink="false">tag:news.example.org,2020:/news/one/</guid>
      <category>Mobile</category>
      <enclosure url="https://news.example.org/a.jpg" length="1200" type="image/jpeg"/>
    </item>
    <item>
      <description>Without a title.</description>
      <guid>https://news.example.org/news/two/</guid>
    </item>
  </channel>
</rss>
"""

OPML = """<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0">
  <head><title>News</title><dateModified>Thu, 20 Feb 2020 17:44:00 GMT</dateModified></head>
  <body>
    <outline text="Topics">
      <outline text="Mobile" type="rss" xmlUrl="https://news.example.org/topics/mobile/feed.xml"/>
    </outline>
  </body>
</opml>
"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "News",
    "home_page_url": "https://news.example.org/",
    "feed_url": "https://news.example.org/feed.json",
    "language": "en",
    "authors": [{"name": "Desk"}],
    "items": [
        {
            "id": "tag:news.example.org,2020:/news/one/",
            "url": "https://outlet.example.com/one",
            "external_url": "https://news.example.org/news/one/",
            "title": "One",
            "content_html": "<p>Why.</p>",
            "date_published": "2020-02-20T17:44:00Z",
            "tags": ["Mobile"],
            "_broadsheet": {"heat": 90},
        }
    ],
}

SITEMAP = """<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
  <url>
    <loc>https://news.example.org/news/one/</loc>
    <lastmod>2020-02-20T17:44:00+00:00</lastmod>
    <news:news>
      <news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>
      <news:publication_date>2020-02-20T17:44:00Z</news:publication_date>
      <news:title>One</news:title>
    </news:news>
  </url>
  <url><loc>https://news.example.org/%E6%9D%B1/?a=1&amp;b=2</loc><lastmod>2020-02-20</lastmod></url>
</urlset>
"""

SITEMAP_INDEX = """<?xml version="1.0" encoding="utf-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
  <sitemap><loc>https://news.example.org/sitemap-1.xml</loc><lastmod>2020-02-20</lastmod></sitemap>
</sitemapindex>
"""

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'">
<title>One</title><link rel="stylesheet" href="/style.css">
<script type="application/ld+json">{"@type": "Thing"}</script>
</head>
<body><main id="main"><h1>One</h1><p><img src="a.png" alt="A map" width="3" height="2"></p></main></body>
</html>
"""


def planted(text: str, good: str, bad: str) -> str:
    """Put a mistake into a good document."""
    assert good in text
    return text.replace(good, bad)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [("atom.xml", ATOM), ("feed.xml", RSS), ("opml.xml", OPML), ("feed.json", json.dumps(JSON_FEED))],
)
def test_a_good_feed_has_no_problems(tmp_path: Path, name: str, text: str) -> None:
    """Nothing is reported for a good document of each format."""
    assert feed_problems(written(tmp_path, name, text)) == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("<id>tag:news.example.org,2020:/</id>", "", "feed failed to validate"),
        ("<id>tag:news.example.org,2020:/news/one/</id>", "", "line 10"),
        ("<updated>2020-02-20T17:44:00Z</updated>\n  <author>", "<author>", "Expecting an element updated"),
        ("<title>News</title>", "<title>News</title><title>Again</title>", "Extra element title"),
        ("<author><name>Desk</name></author>", "", "entry without an author"),
        ("<author><name>Desk</name></author>", "<author>Desk</author>", "line 6"),
        ("<published>2020-02-20T18:44:00+01:00", "<published>2020-02-20T18:44:00", "date without an offset"),
        ("<published>2020-02-20T18:44:00+01:00", "<published>20 Feb 2020", "dateTime"),
        ("<summary>", "<teaser>t</teaser><summary>", "line 10"),
        ('href="https://outlet.example.com/one"', 'href="/one"', "not an absolute http(s) address"),
        ('rel="self" ', 'rel="via" ', "feed without a link to itself"),
        ('rel="related" href', 'rel="alternate" type="text/html" href', "two alternates of one type"),
        ("tag:news.example.org,2020:/news/one/", "news/one", "id is not an absolute URI"),
        ('label="Mobile"', 'name="Mobile"', "category"),
        ("</feed>", "", "not well-formed"),
        ("2005/Atom", "2006/Atom", "is none of"),
    ],
)
def test_a_mistake_in_an_atom_feed_is_reported(tmp_path: Path, good: str, bad: str, said: str) -> None:
    """RFC 4287: its schema, its Schematron rules and what its prose demands."""
    problems = feed_problems(written(tmp_path, "atom.xml", planted(ATOM, good, bad)))
    assert said in "\n".join(problems)


def test_two_entries_with_one_id_are_reported(tmp_path: Path) -> None:
    """Ids tell a reader what it has already shown."""
    entry = ATOM[ATOM.index("  <entry>") : ATOM.index("</feed>")]
    problems = feed_problems(written(tmp_path, "atom.xml", planted(ATOM, "</feed>", f"{entry}</feed>")))
    assert problems == ["line 22: two entries with one id"]


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("<description>The news</description>", "", "description"),
        ("<title>News</title>", "<title>News</title><title>Again</title>", "Extra element title"),
        ("<title>News</title>", "<title>News</title><subtitle>What</subtitle>", "Element channel failed"),
        ("<dc:creator>Desk</dc:creator>", "<creator>Desk</creator>", "creator"),
        ("Thu, 20 Feb 2020 17:44:00 GMT", "2020-02-20T17:44:00Z", "2020-02-20T17:44:00Z"),
        ("Thu, 20 Feb 2020 17:44:00 GMT", "Fri, 20 Feb 2020 17:44:00 GMT", "is no such day"),
        ("Thu, 20 Feb 2020 17:44:00 GMT", "Sun, 30 Feb 2020 17:44:00 GMT", "is no such day"),
        ("Thu, 20 Feb 2020 17:44:00 GMT", "Thu, 20 Feb 20 17:44:00 GMT", "Extra element pubDate"),
        (' length="1200"', "", "enclosure"),
        ('length="1200"', 'length="1.2 kB"', "enclosure"),
        ('version="2.0" ', "", "Element rss failed to validate attributes"),
        ('<guid isPermaLink="false">tag:news', "<guid>tag:news", "permalink guid is not an address"),
        ('isPermaLink="false"', 'isPermaLink="no"', "guid"),
        ("https://news.example.org/news/two/", "tag:news.example.org,2020:/news/one/", "two items with one guid"),
        ("<description>Without a title.</description>", "", "neither title nor description"),
        ("<guid>https://news.example.org/news/two/</guid>", "", "without a guid"),
        ("b=%C3%A9", "b=é", "link"),
        ("<link>https://outlet.example.com", "<link>", "link"),
        ('rel="self" ', 'rel="hub" ', "channel without an atom:link to itself"),
        ("<channel>", "<channel>News", "channel"),
        ("</rss>", "", "not well-formed"),
    ],
)
def test_a_mistake_in_an_rss_feed_is_reported(tmp_path: Path, good: str, bad: str, said: str) -> None:
    """RSS 2.0: unknown elements, dates, addresses, guids."""
    problems = feed_problems(written(tmp_path, "feed.xml", planted(RSS, good, bad)))
    assert problems
    assert said in "\n".join(problems)


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (' text="Mobile"', "", "'text' is required"),
        (' text="Mobile"', ' text="Mobile" feed="x"', "'feed'"),
        (' xmlUrl="https://news.example.org/topics/mobile/feed.xml"', "", "subscription without an xmlUrl"),
        ('"https://news.example.org/topics/mobile/feed.xml"', '"/topics/mobile/feed.xml"', "xmlUrl"),
        ("Thu, 20 Feb", "20.2.", "dateModified"),
        ('version="2.0"', 'version="1.0"', "version"),
        ("</outline>", '<outline text="M" xmlUrl="https://news.example.org/topics/mobile/feed.xml"/></outline>', "two"),
    ],
)
def test_a_mistake_in_an_opml_file_is_reported(tmp_path: Path, good: str, bad: str, said: str) -> None:
    """OPML 2.0: required and unknown attributes, addresses, dates."""
    assert said in "\n".join(feed_problems(written(tmp_path, "opml.xml", planted(OPML, good, bad))))


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('"version"', '"Version"', "'version' is a required property"),
        ("version/1.1", "version/1", "$.version"),
        ('"id"', '"_id"', "'id' is a required property"),
        ('"content_html"', '"content"', "$.items[0]"),
        ('"2020-02-20T17:44:00Z"', '"2020-02-20"', "$.items[0].date_published"),
        ('"https://outlet.example.com/one"', '"/one"', "$.items[0].url"),
        ('["Mobile"]', '"Mobile"', "$.items[0].tags"),
        ('"feed_url"', '"_feed_url"', "no feed_url"),
        ('"title": "News"', '"title": "News", "title": "Again"', "stands twice"),
        ("]}", "]", "not JSON"),
    ],
)
def test_a_mistake_in_a_json_feed_is_reported(tmp_path: Path, good: str, bad: str, said: str) -> None:
    """JSON Feed 1.1: required, unknown and repeated members, and their forms."""
    problems = feed_problems(written(tmp_path, "feed.json", planted(json.dumps(JSON_FEED), good, bad)))
    assert said in "\n".join(problems)


def test_two_items_with_one_id_are_reported(tmp_path: Path) -> None:
    """Ids tell a reader what it has already shown."""
    twice = JSON_FEED | {"items": [*JSON_FEED["items"], *JSON_FEED["items"]]}
    problems = feed_problems(written(tmp_path, "feed.json", json.dumps(twice)))
    assert problems == ["$.items: 2 with the id tag:news.example.org,2020:/news/one/"]


@pytest.mark.parametrize("text", [SITEMAP, SITEMAP_INDEX])
def test_a_good_sitemap_has_no_problems(tmp_path: Path, text: str) -> None:
    """Nothing is reported for a good sitemap, with news, and a good index."""
    assert sitemap_problems(written(tmp_path, "sitemap.xml", text)) == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("<loc>https://news.example.org/news/one/</loc>", "", "loc"),
        ("https://news.example.org/news/one/", "/news/one/", "/news/one/"),
        ("%E6%9D%B1", "東", "東"),
        ("<lastmod>2020-02-20</lastmod>", "<lastmod>20 Feb 2020</lastmod>", "lastmod"),
        ("<lastmod>2020-02-20</lastmod>", "<lastmod>2020-02-30</lastmod>", "lastmod"),
        ("17:44:00+00:00", "17:44:00", "lastmod"),
        ("<lastmod>2020-02-20</lastmod>", "<changed>2020-02-20</changed>", "changed"),
        ("<news:title>One</news:title>", "", "news"),
        ("<news:title>One</news:title>", "<news:titel>One</news:titel>", "titel"),
        ("<news:language>en", "<news:language>English", "language"),
        ("https://news.example.org/%E6%9D%B1/?a=1&amp;b=2", "https://news.example.org/news/one/", "listed 2 times"),
        ("</urlset>", "", "not well-formed"),
    ],
)
def test_a_mistake_in_a_sitemap_is_reported(tmp_path: Path, good: str, bad: str, said: str) -> None:
    """sitemaps.org and Google's news extension: addresses, dates, unknown elements."""
    assert said in "\n".join(sitemap_problems(written(tmp_path, "sitemap.xml", planted(SITEMAP, good, bad))))


def test_a_sitemap_of_too_many_addresses_is_reported(tmp_path: Path) -> None:
    """50,000 addresses are the limit of one file."""
    head = SITEMAP_INDEX[: SITEMAP_INDEX.index("\n", 50)].replace("sitemapindex", "urlset")
    urls = "".join(f"<url><loc>https://news.example.org/{number}/</loc></url>" for number in range(50_001))
    problems = sitemap_problems(written(tmp_path, "sitemap.xml", f"{head}{urls}</urlset>"))
    assert problems == ["50,001 addresses, more than 50,000"]


def test_a_file_of_another_kind_is_reported(tmp_path: Path) -> None:
    """A feed is no sitemap."""
    assert "is none of" in sitemap_problems(written(tmp_path, "feed.xml", RSS))[0]


def test_good_html_has_no_problems_and_mistakes_are_reported_by_file(tmp_path: Path) -> None:
    """Errors and warnings of all files, found in one run, also under a name that is not ASCII."""
    good = written(tmp_path, "good.html", PAGE)
    error = written(tmp_path, "東京 b/index.html", planted(PAGE, ' alt="A map"', ""))
    script = written(tmp_path, "script.html", planted(PAGE, "</h1>", "</h1><script>1</script>"))
    remote = written(tmp_path, "remote.html", planted(PAGE, 'href="/', 'href="https://other.example/'))
    warning = written(tmp_path, "warning.html", planted(PAGE, "<p>", "<section><p>x</p></section><p>"))
    problems = html_problems([good, error, warning, script, remote])
    assert [problem.partition(":")[0] for problem in problems] == [str(error), str(warning), str(script), str(remote)]
    assert "index.html:8: error: An “img” element must have an “alt” attribute" in problems[0]
    assert "warning.html:8: warning: Section lacks heading" in problems[1]
    assert "script.html:8: warning: Inline script violates Content Security Policy" in problems[2]
    assert "remote.html:5: warning: Resource violates Content Security Policy" in problems[3]


def test_html_that_cannot_be_checked_is_never_taken_for_good(tmp_path: Path) -> None:
    """No checker, no files, a file that is not there: each is an error, not an empty list."""
    page = written(tmp_path, "page.html", PAGE)
    with pytest.raises(FileNotFoundError, match="npm install"):
        html_problems([page], jar=tmp_path / "vnu.jar")
    with pytest.raises(FileNotFoundError, match=r"gone\.html"):
        html_problems([page, tmp_path / "gone.html"])
    with pytest.raises(ValueError, match="no pages"):
        html_problems([])


BASE = "https://example.org/news-site/"
HEAD = f"""<link rel="canonical" href="{BASE}"><meta property="og:url" content="{BASE}">
<meta property="og:image" content="{BASE}images/a%20b.jpg"><link rel="alternate" href="/news-site/feed.xml">
<link rel="stylesheet" href="/news-site/style.css">"""
BODY = """<h1 id="top-story">One</h1> <a href="#top-story">a</a> <a href="/news-site/#top-story">b</a>
<a href="news/%E6%9D%B1/">c</a> <a href="news/%E6%9D%B1/?q=1#b%20c">d</a> <a href="https://other.example/x#y">e</a>
<a href="https://example.org/other-site/">f</a> <img src="images/a%20b.jpg" alt="">
<img srcset="/news-site/images/a%20b.jpg 480w, images/a%20b.jpg 960w" alt=""> <a href="#top">g</a>
<svg><use href="/news-site/marks.svg#star"/></svg> <form action="/news-site/"></form>"""
SITE = {
    "index.html": f"<!doctype html><html><head>{HEAD}</head><body>{BODY}</body></html>",
    "news/東/index.html": '<!doctype html><title>x</title><p id="b c"><a href="../../">up</a>',
    "old/index.html": '<!doctype html><meta http-equiv="refresh" content="0; url=/news-site/news/%E6%9D%B1/">',
    "404.html": '<!doctype html><a href="/news-site/">home</a> <a href="#top">up</a>',
    "images/a b.jpg": "",
    "marks.svg": '<svg xmlns="http://www.w3.org/2000/svg"><path id="star"/></svg>',
    "style.css": "h1 { background: url('images/a%20b.jpg') }",
    "feed.xml": RSS.replace("https://news.example.org/", BASE)
    .replace("news/two/", "")
    .replace(f"{BASE}a.jpg", f"{BASE}images/a%20b.jpg"),
    "atom.xml": ATOM.replace("https://news.example.org/", BASE).replace("news/one/", "").replace("a.jpg", "feed.xml"),
    "feed.json": json.dumps(JSON_FEED).replace("https://news.example.org/", BASE).replace("news/one/", ""),
    "sitemap.xml": SITEMAP_INDEX.replace("https://news.example.org/sitemap-1.xml", f"{BASE}feed.xml"),
    "opml.xml": OPML.replace("https://news.example.org/topics/mobile/", BASE),
    "api/news/index.json": json.dumps({"page": 1, "value": [{"sourceUrl": f"{BASE}api/news/index.json"}]}),
}


def site_with(folder: Path, page: str = "", good: str = "", bad: str = "") -> Path:
    for name, text in SITE.items():
        written(folder, name, planted(text, good, bad) if name == page else text)
    return folder


def test_a_site_whose_links_all_lead_somewhere_has_no_dead_links(tmp_path: Path) -> None:
    """Relative, root-relative and absolute links, pictures, fragments, feeds, the API, under a sub-path."""
    assert dead_links(site_with(tmp_path), BASE) == []


@pytest.mark.parametrize(
    ("page", "good", "bad", "said"),
    [
        ("index.html", 'href="#top-story"', 'href="#story"', "#story: no id 'story' there"),
        ("index.html", "?q=1#b%20c", "?q=1#c", "news/%E6%9D%B1/?q=1#c: no id 'c' there"),
        ("index.html", 'href="/news-site/feed.xml"', 'href="/feed.xml"', "/feed.xml: outside of /news-site/"),
        ("index.html", "/news-site/feed.xml", "/news-site/rss.xml", "/news-site/rss.xml: no such file"),
        ("index.html", "/news-site/style.css", f"{BASE}gone.css", f"{BASE}gone.css: no such file"),
        ("index.html", 'action="/news-site/"', 'action="/news-site"', "/news-site: a page without its slash"),
        ("index.html", '"news/%E6%9D%B1/"', '"news/%E6%9D%B1"', "news/%E6%9D%B1: a page without its slash"),
        ("index.html", '"news/%E6%9D%B1/"', '"news/東/"', "news/東/: not percent-encoded"),
        ("index.html", '"news/%E6%9D%B1/"', '"news/%E6%9D/"', "news/%E6%9D/: not a URL"),
        ("index.html", '"https://other.example/x#y"', '"ftp://other.example/"', "neither of this site nor http(s)"),
        ("index.html", '"https://other.example/x#y"', '"javascript:alert(1)"', "neither of this site nor http(s)"),
        ("index.html", '"https://other.example/x#y"', '"https://"', "https://: neither of this site nor http(s)"),
        ("index.html", 'href="https://other.example/x#y"', 'href=""', ": : empty"),
        (
            "index.html",
            '"https://example.org/other-site/"',
            '"http://example.org/news-site/"',
            "http on a site of https",
        ),
        ("index.html", '"https://example.org/other-site/"', '"../other-site/"', "outside of /news-site/"),
        ("index.html", 'src="images/a%20b.jpg"', 'src="Images/a%20b.jpg"', "Images/a%20b.jpg: no such file"),
        ("index.html", "images/a%20b.jpg 960w", "images/c.jpg 960w", "images/c.jpg: no such file"),
        ("index.html", f'og:image" content="{BASE}', 'og:image" content="/news-site/', "not absolute"),
        ("index.html", f'og:url" content="{BASE}', f'og:url" content="{BASE}x/', f"{BASE}x/: no such file"),
        ("index.html", "#star", "#moon", "no id 'moon' there"),
        ("news/東/index.html", '"../../"', '"../"', "news/東/index.html: ../: no such file"),
        ("old/index.html", "url=/news-site/", "url=/news-site/x/", "old/index.html: /news-site/x/news/%E6%9D%B1/: no"),
        ("404.html", '"/news-site/"', '"index.html"', "index.html: relative, on a page that is served at every"),
        ("style.css", "images/", "pictures/", "style.css: pictures/a%20b.jpg: no such file"),
        ("feed.xml", f"<guid>{BASE}", f"<guid>{BASE}two/", f"feed.xml: {BASE}two/: no such file"),
        ("feed.xml", f'url="{BASE}images', f'url="{BASE}pictures', "pictures/a%20b.jpg: no such file"),
        ("feed.xml", "What it is.", '&lt;a href="/news-site/"&gt;', "feed.xml: /news-site/: not absolute"),
        ("feed.xml", "</rss>", "", "feed.xml: : cannot be read: "),
        ("atom.xml", f'related" href="{BASE}', f'related" href="{BASE}one/', f"atom.xml: {BASE}one/: no such file"),
        ("feed.json", f'external_url": "{BASE}', f'external_url": "{BASE}one/', f"feed.json: {BASE}one/: no such"),
        ("feed.json", "<p>Why.", "<a href='x/'>Why.", "feed.json: x/: not absolute"),
        ("sitemap.xml", "feed.xml", "sitemap-1.xml", f"sitemap.xml: {BASE}sitemap-1.xml: no such file"),
        ("opml.xml", "feed.xml", "rss.xml", f"opml.xml: {BASE}rss.xml: no such file"),
        ("api/news/index.json", "api/news/", "api/", f"api/news/index.json: {BASE}api/index.json: no such file"),
    ],
)
def test_a_dead_link_is_reported_with_its_page(tmp_path: Path, page: str, good: str, bad: str, said: str) -> None:
    """One planted mistake is one message that names the page, the address and the reason."""
    problems = dead_links(site_with(tmp_path, page, good, bad), BASE)
    assert len(problems) == 1
    assert problems[0].startswith(f"{page}: ")
    assert said in problems[0]
