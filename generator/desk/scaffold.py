"""Scaffold: a new article, a new site."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from generator.base.config import Site
from generator.base.paths import slugify
from generator.base.problems import BroadsheetError
from generator.content.text import plain

LONGEST_SLUG = 80


class ExistsAlready(BroadsheetError):
    """What should be made is there; nothing of it was touched."""


class NoTitle(BroadsheetError):
    """An article cannot be without a title."""


def new_article(site: Site, title: str, now: datetime) -> Path:
    """Write a valid draft and return its path.

    Raises:
        NoTitle: where nothing of the title can be read.
        ExistsAlready: where a file of its name is there.
    """
    title = plain(title)  # as it will be read
    if not title:
        raise NoTitle("the title is empty; an article has one")
    local = now.astimezone(ZoneInfo(site.settings.timezone)).replace(microsecond=0)
    section = site.settings.sections[0]
    folder = next((site.content / name for name in (section, f"_{section}") if (site.content / name).is_dir()), None)
    folder = folder or site.content / section
    slug = slugify(title)[:LONGEST_SLUG].strip("-") or "article"
    file = folder / f"{local:%Y-%m-%d}-{slug}.md"
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in (("section", section), ("title", title))}
    text = _ARTICLE.format(**quoted, published=local.isoformat())
    return write_new(file, text)


def new_site(folder: Path, now: datetime) -> list[Path]:
    """Write a site that builds at once with the bundled theme, and return its files.

    Raises:
        ExistsAlready: where the folder has a file of one of the names.
    """
    article = _WELCOME.format(published=now.replace(microsecond=0).isoformat())
    files = {
        "site.toml": _SITE,
        f"content/news/{now:%Y-%m-%d}-hello.md": article,
        "content/topics/01-meta.yaml": _TOPIC,
        "content/pages/about.md": _ABOUT,
        ".gitignore": "/output/\n/.broadsheet/\n",
    }
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise ExistsAlready(f"{folder / there[0]}: is there already; `broadsheet init` wants a folder of its own")
    return [write_new(folder / name, text) for name, text in files.items()]


def write_new(file: Path, text: str) -> Path:
    """Write a file that is not there yet, and return its path.

    Raises:
        ExistsAlready: where it is.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise ExistsAlready(f"{file}: is there already") from None
    return file


_ARTICLE = """\
---
category: {section}
title: {title}
excerpt: ""
publishedDateTime: {published}
# webUrl: "https://…"    the story at its source
type: article
quality: 50
heat: 50
published: false

# provider:              the outlet
#   name: Example News
#   domain: example.com

topics: []
images: []
related: []
---
"""

_SITE = """\
# Every setting has a default; the README names all of them.
title = "My news"
description = "What is worth reading, and why."
base_url = "https://example.org/"
language = "en"
timezone = "UTC"

[ranking]
half_life = 24 # hours in which a story's heat counts half

# `broadsheet deploy` brings the site to its host (docs/deploy.md); set base_url first.
# [deploy.pages]
# type = "git"
# remote = "https://github.com/me/news.git"
"""

_WELCOME = """\
---
title: "Hello from Broadsheet"
excerpt: "This article is a file in content/news/. Change it, build again, and see it change."
publishedDateTime: {published}
quality: 60
heat: 60
topics:
  - Meta
---
What you write below the front matter is *your* commentary, in Markdown.
"""

_TOPIC = """\
_id: meta
name: Meta
description: About this site itself.
"""

_ABOUT = """\
---
title: About
---
Who we are, and how we choose what stands here.
"""
