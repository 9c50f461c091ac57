"""Complaints about targets of deploys: what is wrong in the tables `[deploy.NAME]`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from generator.base.complaints import Complaint, visible
from generator.base.deploy_settings import (
    Afterwards,
    Caching,
    FolderTarget,
    GitTarget,
    RsyncTarget,
    S3Target,
    SftpTarget,
    Target,
    WebRootTarget,
)
from generator.base.problems import Problem
from generator.base.toml import toml_position


def deploy_problems(text: str, targets: dict[str, Target], folders: tuple[str, ...]) -> Iterator[Problem]:
    """Yield what is wrong with targets.

    Args:
        folders: the content, the output and the other folders of the site, which no target may lie in or around.
    """
    for name, target in targets.items():
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
            place = toml_position(text, ("deploy", name))
            hint = "use letters, digits, `-` and `_`"
            yield Problem("site.toml", *place, "deploy", f"{visible(name)!r} is no name of a target", hint)
        for field, complaint in _complaints(target, folders).items():
            if complaint:
                place = toml_position(text, ("deploy", name, field))
                yield Problem("site.toml", *place, f"deploy.{visible(name)}.{field}", *complaint)


def _complaints(target: Target, folders: tuple[str, ...]) -> dict[str, Complaint]:
    """Return what is wrong with each setting of a target."""
    texts = {name: getattr(target, name) for name in target.__struct_fields__}
    found = {name: argument_complaint(text) for name, text in texts.items() if isinstance(text, str)}
    found["afterwards"] = _afterwards_complaint(target.afterwards)
    if isinstance(target, WebRootTarget) and target.precompress and target.limits:
        found["precompress"] = "is set, and so is `limits`", "leave it out: that host compresses what it hands out"
    if isinstance(target, FolderTarget):
        found["path"] = found["path"] or _path_complaint(target.path, folders)
    elif isinstance(target, GitTarget):
        found["remote"] = found["remote"] or _remote_complaint(target.remote)
        found["branch"] = found["branch"] or _branch_complaint(target.branch)
    elif isinstance(target, S3Target):
        found["bucket"] = found["bucket"] or _bucket_complaint(target.bucket)
        found["prefix"] = found["prefix"] or _prefix_complaint(target.prefix)
        found["endpoint_url"] = found["endpoint_url"] or _endpoint_complaint(target.endpoint_url)
        caching = [argument_complaint(getattr(target.caching, name)) for name in Caching.__struct_fields__]
        found["caching"] = next(filter(None, caching), None)
    elif isinstance(target, RsyncTarget) and not target.host:
        found["path"] = found["path"] or _path_complaint(target.path, folders)
        found["user"] = found["user"] or _user_without_host_complaint(target.user)
    elif isinstance(target, RsyncTarget | SftpTarget):
        found["host"] = found["host"] or _host_complaint(target.host)
        found["user"] = found["user"] or _user_complaint(target.user)
        found["path"] = found["path"] or _remote_path_complaint(target.path)
    return found


def _afterwards_complaint(afterwards: Afterwards) -> Complaint:
    if afterwards.webhook and (complaint := _endpoint_complaint(afterwards.webhook)):
        return f"its webhook {complaint[0]}", 'write it as "https://news.example.net/hook"; its token stands elsewhere'
    if afterwards.indexnow and not re.fullmatch(r"[A-Za-z0-9-]{8,128}", afterwards.indexnow):
        return "its key of IndexNow is none", "a key has 8 to 128 letters, digits and `-`"
    for name in ("cloudfront", "cloudflare"):
        if not re.fullmatch(r"[A-Za-z0-9]{0,64}", getattr(afterwards, name)):
            return f"its {name} is no id", "write the id of the distribution or zone, letters and digits"
    return None


def argument_complaint(text: str) -> Complaint:
    """What is handed to another program must not look like an option, nor hold what ends a line."""
    if text.startswith("-"):
        return f"{visible(text)!r} begins with `-`, as an option of another program does", "write it without"
    found = _CONTROL.search(text)
    return (f"holds the character U+{ord(found[0]):04X}", "take it out") if found else None


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _path_complaint(path: str, folders: tuple[str, ...]) -> Complaint:
    return ground_complaint(path, Path("/site"), folders, os.path.normpath)


def ground_complaint(path: str, root: Path, folders: Iterable[str], settle: Callable[[Path], str]) -> Complaint:
    """A target has a folder to itself.

    Args:
        root: what paths are relative to: the site's folder.
        settle: what makes two names of one folder one: as far as they say it, or as they lie on this machine.
    """
    here = Path(settle(root / path))
    if here in (Path(settle(root)), *Path(settle(root)).parents):
        return f"{path!r} is the site's own folder or one around it", "name a folder of its own"
    for folder in folders:
        there = Path(settle(root / folder))
        if here == there or here in there.parents or there in here.parents:
            return f"{path!r} and {folder!r} lie in each other", "keep them apart"
    return None


def _remote_complaint(remote: str) -> Complaint:
    if re.match(r"[a-z+]*::", remote):
        return f"{remote!r} would run a program", 'use https, ssh or a path: "git@github.com:me/news.git"'
    if re.search(r"(//|@)-", remote):
        return f"{remote!r} names a host that begins with `-`", "write it without"
    if _has_secret(remote):
        return "holds a password or a token", "take it out; a token belongs into the environment (docs/deploy.md)"
    return None


def _has_secret(url: str) -> bool:
    """Tell whether an address has a password, or, in the web, any user: a token alone is one."""
    user, at, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    return bool(at) and (":" in user or url.lower().startswith("http"))


def _branch_complaint(branch: str) -> Complaint:
    """Source: git-check-ref-format(1)."""
    bad = re.search(r"[\s~^:?*\[\\]|\.\.|@\{|//|\.lock(/|$)|^[./]|/\.|[./]$|^@$", branch)
    return (f"{branch!r} is no name of a branch", 'use one such as "gh-pages"') if bad else None


def _bucket_complaint(bucket: str) -> Complaint:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}", bucket):
        return f"{bucket!r} is no name of a bucket", "write its name alone, without `s3://` and path"
    return None


def _prefix_complaint(prefix: str) -> Complaint:
    parts = prefix.strip("/").split("/")
    if prefix and (prefix.startswith("/") or "" in parts or ".." in parts or "." in parts):
        return f"{prefix!r} is no prefix of names", 'write it as "news" or "sites/news"'
    return None


def _host_complaint(host: str) -> Complaint:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+", host):
        return f"{host!r} is no host", 'write its name or its address alone: "news.example.net"'
    return None


def _user_complaint(user: str) -> Complaint:
    if user and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*", user):
        hint = "a password belongs into the environment (docs/deploy.md)" if ":" in user else "write the name alone"
        return f"{user.partition(':')[0]!r} is no name of a user", hint
    return None


def _user_without_host_complaint(user: str) -> Complaint:
    return ("is set, and there is no `host`", "name the host, or take the user out") if user else None


def _remote_path_complaint(path: str) -> Complaint:
    if not path.strip("/.") or ".." in path.split("/"):
        return f"{path!r} cannot be a web root", 'name a folder of its own: "/srv/www/news"'
    return None


def _endpoint_complaint(url: str) -> Complaint:
    if not url:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        good = good and re.search(r"[^!-~]", url) is None
    except ValueError:
        return "is no address of a service", 'write it as "https://s3.example.net"'
    if parts.username or parts.password:
        return "holds a user or a password", "take it out; keys belong into the environment (docs/deploy.md)"
    if good and not parts.query:
        return None
    return f"{url.partition('?')[0]!r} is no address", 'write it as "https://s3.example.net", without a query'
