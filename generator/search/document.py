"""Document: what the search index is made of an article: the fields of it that count, and the page that is indexed."""

from __future__ import annotations

from html import escape

from generator.base.record import Record


class Document(Record, frozen=True):
    """An article as the index knows it. `text` is the digest of its commentary, which is loaded when it is indexed."""

    address: str  # site path
    title: str
    excerpt: str
    text: bytes  # b"" where there is none
    outlet: str
    topics: tuple[str, ...]  # with those above them
    year: str
    type: str
    published: int  # s since 1970
    language: str  # "" for the site's


def page(document: Document, commentary: str) -> str:
    """Return the page that Pagefind reads: what is weighed more stands in what weighs more.

    Args:
        commentary: sanitised HTML.

    Source: https://pagefind.app/docs/
    """
    values = [
        ("meta", "title", document.title),
        ("meta", "outlet", document.outlet),
        ("meta", "published", f"zq{document.published}"),  # what is meta is searched, too: no word begins so
        ("sort", "date", str(document.published)),
        ("filter", "outlet", document.outlet),
        ("filter", "year", document.year),
        ("filter", "type", document.type),
        ("filter", "language", document.language),
        *(("filter", "topic", topic) for topic in document.topics),
    ]
    # A page without a word is not indexed, whatever its title is.
    text = document.excerpt if has_words(document.excerpt) else f"{document.excerpt} {document.title}"
    told = "".join(
        f'<meta data-pagefind-{kind}="{name}[content]" content="{escape(value)}">'
        for kind, name, value in values
        if value
    )
    return (
        f'<!doctype html><html><meta charset="utf-8"><body data-pagefind-body>{told}'
        f'<p data-pagefind-weight="3">{escape(text)}</p><div>{commentary}</div></html>'
    )


def has_words(text: str) -> bool:
    """Tell whether there is anything in a text that could be searched for."""
    return any(map(str.isalnum, text))
