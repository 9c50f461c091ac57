"""Heads: what the `<head>` of a page needs, and its structured data."""

from __future__ import annotations

import msgspec

from generator.pages.edition import Edition
from generator.pages.social import Preview, site_preview
from generator.theme.parts import PageView
from generator.theme.views import View


def page_view(
    edition: Edition,
    address: str,
    title: str,
    description: str = "",
    *,
    noindex: bool = False,
    preview: Preview | None = None,
) -> PageView:
    """Return what the head of a page at a site path needs; without preview and description it has the site's."""
    if not description and not noindex:
        description = edition.settings.description or " · ".join(dict.fromkeys((title, edition.settings.title)))
    shown = Preview() if noindex else preview or site_preview(edition)
    return PageView(
        url=edition.url(address),
        canonical=edition.absolute(address),
        title=title,
        description=description,
        noindex=noindex,
        og_image=edition.outside(shown.url),
        og_width=shown.width,
        og_height=shown.height,
    )


def with_json_ld(view: View, text: str) -> View:
    """Return a view whose page has structured data."""
    return msgspec.structs.replace(view, page=msgspec.structs.replace(view.page, json_ld=text))
