"""Afterwards: who is told that the site has changed: what caches it, subscribers, search engines, your own service."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from generator.base.deploy_settings import Afterwards
from generator.base.paths import quote_path
from generator.deploy.delta import Goal
from generator.deploy.headers import class_of
from generator.deploy.target import Plan

INDEXNOW = "https://api.indexnow.org/indexnow"
CLOUDFLARE = "https://api.cloudflare.com/client/v4"
WEBHOOK_TOKEN, CLOUDFLARE_TOKEN = "BROADSHEET_WEBHOOK_TOKEN", "CLOUDFLARE_API_TOKEN"
TIMEOUT = 15  # s
MOST_URLS = 10_000  # Source: https://www.indexnow.org/documentation
MOST_FILES = 30  # in one request (Source: https://developers.cloudflare.com/cache/how-to/purge-cache/)
MOST_PATHS = 1_000  # more are dearer than all
MOST_TOPICS = 200  # in one request
_FEEDS = ("feed.xml", "atom.xml", "feed.json")


class Call(NamedTuple):
    """A question to a service: what messages call it, where it goes, and the token's variable.

    The body goes as JSON, or, if it is a list of pairs, as a form.
    """

    name: str
    url: str
    body: dict[str, Any] | list[tuple[str, str]]
    token: str = ""


def objections_afterwards(afterwards: Afterwards, goal: Goal) -> Iterator[str]:
    """Yield what is missing for what is wanted; said before anything is deployed."""
    if afterwards.indexnow and f"{afterwards.indexnow}.txt" not in goal.files:
        yield f"IndexNow reads the key at {afterwards.indexnow}.txt: put such a file, with the key, into static/"
    if afterwards.cloudflare and not os.environ.get(CLOUDFLARE_TOKEN):
        yield f"{CLOUDFLARE_TOKEN} is not in the environment; without it Cloudflare's cache cannot be told"


def changed_urls(plan: Plan) -> list[str]:
    """Return the addresses of all files that are other than before, or gone."""
    site = plan.manifest.site
    paths = [*(put.path for put in plan.puts), *plan.deletes]
    return [site + quote_path(path.removesuffix("index.html") if _is_index(path) else path) for path in paths]


def calls(afterwards: Afterwards, hub: str, plan: Plan) -> Iterator[Call]:
    """Yield whom to tell what about a deploy; caches first, for others come and look."""
    site = plan.manifest.site
    if afterwards.cloudflare:
        address = f"{CLOUDFLARE}/zones/{afterwards.cloudflare}/purge_cache"
        urls = changed_urls(plan)
        parts: list[dict[str, Any]] = [{"files": part} for part in _parts(urls, MOST_FILES)]
        for part in parts if len(urls) <= MOST_PATHS else [{"purge_everything": True}]:
            yield Call("Cloudflare's cache", address, part, CLOUDFLARE_TOKEN)
    if hub:
        for topics in _parts(_changed_topics(plan), MOST_TOPICS):
            yield Call("the hub", hub, [("hub.mode", "publish"), *(("hub.url", url) for url in topics)])
    if afterwards.indexnow:
        pages = [url for url, path in _pairs(plan) if class_of(path) == "pages" and path != "404.html"][:MOST_URLS]
        body: dict[str, Any] = {"host": urlsplit(site).hostname, "key": afterwards.indexnow, "urlList": pages}
        if pages:
            yield Call("IndexNow", INDEXNOW, body | {"keyLocation": f"{site}{afterwards.indexnow}.txt"})
    if afterwards.webhook:
        body = {
            "site": site,
            "version": plan.manifest.version,
            "added": [url for url, put in zip(changed_urls(plan), plan.puts, strict=False) if put.fresh],
            "updated": [url for url, put in zip(changed_urls(plan), plan.puts, strict=False) if not put.fresh],
            "deleted": changed_urls(plan)[len(plan.puts) :],
        }
        yield Call("the webhook", afterwards.webhook, body, WEBHOOK_TOKEN)


def tell(afterwards: Afterwards, hub: str, plan: Plan) -> list[str]:
    """Tell all who are to be told; return what went wrong, for the site is deployed whatever they answer.

    Args:
        hub: the address of the WebSub hub that the site's feeds name, or "".
    """
    said = [_invalidate(afterwards.cloudfront, plan)] if afterwards.cloudfront else []
    said += [_ask(call) for call in calls(afterwards, hub, plan)]
    return [complaint for complaint in said if complaint]


def _changed_topics(plan: Plan) -> list[str]:
    """Return the addresses that somebody may have subscribed to, and that have other bytes: feeds, and pages beside."""
    files = plan.manifest.files
    changed = {put.path for put in plan.puts if not put.same}
    return [url for url, path in _pairs(plan) if path in changed and _is_topic(path, files)]


def _is_topic(path: str, files: Collection[str]) -> bool:
    folder, _, name = path.rpartition("/")
    return name in _FEEDS or (name == "index.html" and f"{folder}/feed.xml".lstrip("/") in files)


def _parts(urls: list[str], most: int) -> Iterator[list[str]]:
    return (urls[at : at + most] for at in range(0, len(urls), most))


def _pairs(plan: Plan) -> Sequence[tuple[str, str]]:
    return list(zip(changed_urls(plan), [*(put.path for put in plan.puts), *plan.deletes], strict=True))


def _is_index(path: str) -> bool:
    return path == "index.html" or path.endswith("/index.html")


def _ask(call: Call) -> str | None:
    """Send a call; return what went wrong, without its address, for that may be a secret itself."""
    form = isinstance(call.body, list)
    kind = "application/x-www-form-urlencoded" if form else "application/json; charset=utf-8"
    data = (urlencode(call.body) if form else json.dumps(call.body)).encode()
    headers = {"Content-Type": kind, "User-Agent": "Broadsheet"}
    if call.token and (token := os.environ.get(call.token)):
        headers["Authorization"] = f"Bearer {token}"
    request = Request(call.url, data, headers, method="POST")  # noqa: S310  http and https only
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            answer.read(1)
    except HTTPError as error:
        error.close()
        return f"{call.name} answered {error.code}; the site is deployed all the same"
    except (OSError, ValueError):
        return f"{call.name} cannot be reached; the site is deployed all the same"
    return None


class _NoRedirect(HTTPRedirectHandler):
    """Takes a redirect for a failure: followed, a call would go without its body, and a token to another host."""

    def redirect_request(self, *_: object) -> None:
        return None


def _invalidate(distribution: str, plan: Plan) -> str | None:
    """Let CloudFront forget what changed."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError:
        return "CloudFront is not told, for that needs an extra: pip install 'broadsheet[s3]'"
    paths = sorted({urlsplit(url).path for url in changed_urls(plan)})
    paths = paths if len(paths) <= MOST_PATHS else ["/*"]
    batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": secrets.token_hex(16)}
    try:
        boto3.Session().client("cloudfront").create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        return f"CloudFront answered {code}; the site is deployed all the same"
    except BotoCoreError as error:
        return f"CloudFront cannot be told ({type(error).__name__}); the site is deployed all the same"
    return None
