"""Pages on the site itself: all feeds, how the front page is ordered, and which topics rise and fall."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree, html
from site_kit import SmallSite, build, small_site


def news(root: Path, **settings: object) -> SmallSite:
    """Make a site of forty days: `Fast` is in the news at the end, `Slow` was before."""
    site = small_site(root, **settings)
    site.topic("Fast", 1)
    site.topic("Slow", 2)
    site.topic("Steady", 3)
    for day in range(1, 29):
        topics = ["Steady", "Fast" if day > 22 else "Slow"]
        site.article(f"2026-02-{day:02d}-a", publishedDateTime=f"2026-02-{day:02d}T08:00:00Z", topics=topics, heat=day)
    return site


def page_of(site: SmallSite, address: str) -> html.HtmlElement:
    """Return a parsed page of the output."""
    return html.document_fromstring((site.output / address / "index.html").read_bytes())


def test_the_follow_page_has_the_feeds_of_the_list(tmp_path: Path) -> None:
    """What feed readers import and what people see are the same feeds, and each is there in three formats."""
    site = news(tmp_path)
    build(site)
    listed = etree.parse(site.output / "opml.xml").xpath("//outline/@xmlUrl")
    page = page_of(site, "follow")
    feeds = page.xpath("//*[@class='followed-feeds']/a/@href")
    assert [f"https://news.example{url}" for url in feeds if url.endswith("feed.xml")] == listed
    assert len(feeds) == 3 * len(listed) > 9
    assert all((site.output / url[1:]).is_file() for url in feeds)
    site.settings(title="News", base_url="https://news.example/", outputs={"feeds": False, "topic_feeds": False})
    build(site)
    assert page_of(site, "").xpath("//a[@href='/follow/']")
    off = {"feeds": False, "topic_feeds": False, "provider_feeds": False}
    site.settings(title="News", base_url="https://news.example/", outputs=off)
    build(site)
    assert not (site.output / "follow").exists()
    assert not page_of(site, "").xpath("//a[@href='/follow/']")


def test_the_order_is_told_as_it_is(tmp_path: Path) -> None:
    """The page names the setting, and its stories stand as on the front page, with the points that put them there."""
    site = news(tmp_path, ranking={"half_life": 36})
    site.article("2026-02-01-held", title="Held", publishedDateTime="2026-02-01T08:00:00Z", pin=True, heat=4)
    build(site)
    page = page_of(site, "ranking")
    assert "36\u00a0h" in page.text_content()
    shown = page.xpath("//tbody//th/a/@href")
    front = page_of(site, "").xpath("//main//*[contains(@class, 'card-title')]/a/@href")
    assert shown == front[: len(shown)]
    assert len(shown) == 10
    rows = [["".join(cell.itertext()) for cell in row.xpath("td")] for row in page.xpath("//tbody/tr")]
    assert rows[0] == ["2", "-18", "-16"]  # of a heat of 4, 27 days older than the newest: pinned all the same
    points = [float(row[2]) for row in rows[1:]]
    assert points == sorted(points, reverse=True)
    assert page.xpath("//tr[.//*[@class='kind']]//th/a/text()") == ["Held"]


def test_topics_rise_and_fall(tmp_path: Path) -> None:
    """What is in the news more than in the weeks before rises; a title that changes makes the page no second time."""
    site = news(tmp_path)
    build(site)
    page = page_of(site, "trends")
    told = {name: page.xpath(f"//section[@class='{name}']//tbody//th/a/text()") for name in ("rising", "falling")}
    assert told == {"rising": ["Fast"], "falling": ["Slow"]}  # not `Steady`: all are of it
    assert re.search(r"Articles in 7 days.*February 28, 2026", page.text_content(), re.DOTALL)
    site.edit(site.articles()[0], title="Another title")
    changed = build(site).changes.changed
    assert "trends/index.html" not in changed
    site.article("2026-02-28-b", publishedDateTime="2026-02-28T09:00:00Z", topics=["Slow"])
    assert "trends/index.html" in build(site).changes.changed
