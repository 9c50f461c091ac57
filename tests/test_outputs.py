"""Whole sites, built by the command and read as strangers read them: browsers, feed readers, crawlers, API clients."""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path
from shutil import copytree
from urllib.parse import unquote, urlsplit

import PIL.Image
import pytest
from lxml import etree  # type: ignore[import-untyped]
from site_kit import REPOSITORY, SmallSite, report, run
from validate import dead_links, feed_problems, html_problems, sitemap_problems

CORPUS = REPOSITORY.parent / "shared" / "corpus"
# Tags that the reader takes out and tags that it leaves as text; what ends a script, a title, a CDATA section, an
# attribute; template syntax; characters that no XML document may hold, that turn a line round, that end one in a script.
HOSTILE = (
    "]]></script><script>alert(1)</script><img src=x onerror=alert(2)><!-- --> </title><title><xmp> <data onload=x>"
    " \" onmouseover=\"alert(3)\" ' &lt;svg/onload=x&gt; &amp;amp; {{ 7 * 7 }} {% raw %} \x00\x08\u202e\u2028 &#xFFFE;&#0; end"
)
VISIBLE = "".join(filter(str.isprintable, HOSTILE))
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaften"
LONG_TITLE = ("A title that goes on and on " * 8)[:199] + "."
BODY = """\
A [story of ours](2026-02-27-plain.md), one [elsewhere](https://elsewhere.example/?a=1&b=2 "A \\"title\\""), <b onclick="x()">bold</b>.

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
        locale='en"><script>',
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
        base_url="https://example.org/akhbar/", options={"accent": "green"},
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
    site.settings(title="One", base_url="http://localhost:8000/", feed_link="page")
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


def picture(width: int, height: int, format: str) -> bytes:
    """Return a picture with a gradient in it; a JPEG is stored on its side and says where it was taken."""
    image = PIL.Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    if format == "PNG":
        image.save(out, format)
        return out.getvalue()
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # turn it a quarter to the right
    exif[0x8825] = {1: "N", 2: (47.0, 22.0, 0.0), 3: "E", 4: (8.0, 32.0, 0.0)}  # GPS
    image.save(out, format, exif=exif, comment=b"secret")
    return out.getvalue()
