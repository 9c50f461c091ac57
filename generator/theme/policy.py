"""The Content-Security-Policy that every page keeps."""

from __future__ import annotations

_EMBED_HOSTS = "https://www.youtube-nocookie.com https://player.vimeo.com"


def content_security_policy(*, embeds: bool, search: bool) -> str:
    """Return the policy for a `<meta>`: everything is ours, and nothing is inline.

    Args:
        embeds: whether a page can load a player after a click.
        search: whether the site has a search index, which is WebAssembly.
    """
    wasm = " 'wasm-unsafe-eval'" if search else ""
    frames = f"; frame-src {_EMBED_HOSTS}" if embeds else ""
    return (
        f"default-src 'none'; script-src 'self'{wasm}; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; worker-src 'self'{frames}; base-uri 'none'; form-action 'self'"
    )
