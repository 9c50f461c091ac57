"""Afterwards: who is told that the site has changed: what caches it, subscribers, search engines, your own service."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from generator.base.deploy_settings import Afterwards
from generator.base.paths import quote_path
from generator.deploy.copies import text_of
from generator.deploy.delta import Goal
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
_INDEX = "index.html"
_STEPS = ("added", "updated", "deleted")


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


class Change(NamedTuple):
    """An address at which readers find other than before.

    `is_topic` where somebody may have subscribed to it: a feed, or a page beside one. What has other headers only is
    new to caches, and to nobody else.
    """

    url: str
    step: str  # of `_STEPS`
    is_page: bool = False
    is_topic: bool = False


def changes(plan: Plan) -> list[Change]:
    """Return what readers find other than before; compressed copies have no addresses of their own."""
    site, files = plan.manifest.site, plan.manifest.files
    puts = [(put.path, "added" if put.fresh else "updated", put.same) for put in plan.puts]
    texts = files.keys() | set(plan.deletes)
    found = []
    for path, step, same in [*puts, *((path, "deleted", False) for path in plan.deletes)]:
        if text_of(path) not in texts:
            folder, _, name = path.rpartition("/")
            url = site + quote_path(path.removesuffix(_INDEX) if name == _INDEX else path)
            is_page = name.endswith(".html") and path != "404.html" and not same
            is_fed = name in _FEEDS or (name == _INDEX and f"{folder}/{_FEEDS[0]}".lstrip("/") in files)
            found.append(Change(url, step, is_page, is_fed and not same and step != "deleted"))
    return found


def calls(afterwards: Afterwards, hub: str, site: str, version: int, found: list[Change]) -> Iterator[Call]:
    """Yield whom to tell what about a deploy; caches first, for others come and look."""
    urls = [change.url for change in found]
    if afterwards.cloudflare:
        address = f"{CLOUDFLARE}/zones/{afterwards.cloudflare}/purge_cache"
        parts: list[dict[str, Any]] = [{"files": part} for part in _parts(urls, MOST_FILES)]
        for part in parts if len(urls) <= MOST_PATHS else [{"purge_everything": True}]:
            yield Call("Cloudflare's cache", address, part, CLOUDFLARE_TOKEN)
    if hub:
        for topics in _parts([change.url for change in found if change.is_topic], MOST_TOPICS):
            yield Call("the hub", hub, [("hub.mode", "publish"), *(("hub.url", url) for url in topics)])
    if afterwards.indexnow:
        body: dict[str, Any] = {"host": urlsplit(site).hostname, "key": afterwards.indexnow}
        body |= {"urlList": [change.url for change in found if change.is_page][:MOST_URLS]}
        if body["urlList"]:
            yield Call("IndexNow", INDEXNOW, body | {"keyLocation": f"{site}{afterwards.indexnow}.txt"})
    if afterwards.webhook:
        steps = {step: [change.url for change in found if change.step == step] for step in _STEPS}
        yield Call("the webhook", afterwards.webhook, {"site": site, "version": version, **steps}, WEBHOOK_TOKEN)


def _parts(urls: list[str], most: int) -> Iterator[list[str]]:
    return (urls[at : at + most] for at in range(0, len(urls), most))


def tell(afterwards: Afterwards, hub: str, plan: Plan) -> list[str]:
    """Tell all who are to be told; return what went wrong, for the site is deployed whatever they answer.

    Args:
        hub: the address of the WebSub hub that the site's feeds name, or "".
    """
    found = changes(plan)
    if not found:
        return []
    said = [_invalidate(afterwards.cloudfront, found)] if afterwards.cloudfront else []
    said += [_ask(call) for call in calls(afterwards, hub, plan.manifest.site, plan.manifest.version, found)]
    return [complaint for complaint in said if complaint]


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
    except (OSError, ValueError, HTTPException):
        return f"{call.name} cannot be reached; the site is deployed all the same"
    return None


class _NoRedirect(HTTPRedirectHandler):
    """Takes a redirect for a failure: followed, a call would go without its body, and a token to another host."""

    def redirect_request(self, *_: object) -> None:
        return None


def _invalidate(distribution: str, found: list[Change]) -> str | None:
    """Let CloudFront forget what changed."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError:
        return "CloudFront is not told, for that needs an extra: pip install 'broadsheet[s3]'"
    paths = sorted({urlsplit(url).path for url, *_ in found})
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
