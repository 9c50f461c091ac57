"""The settings of deploys, the tables `[deploy.NAME]`: where the site goes, and what is wrong in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from generator.base.complaints import Complaint, visible
from generator.base.problems import ConfigError, Problem
from generator.base.toml import toml_position

Text = Annotated[str, msgspec.Meta(min_length=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]


class Caching(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[deploy.NAME.caching]`: the `Cache-Control` of each class of files, on targets that keep headers."""

    fixed: Text = "public, max-age=31536000, immutable"  # named by a digest of its bytes
    pages: Text = "public, max-age=60, must-revalidate"
    feeds: Text = "public, max-age=300, must-revalidate"  # and sitemaps
    api: Text = "public, max-age=300, must-revalidate"
    files: Text = "public, max-age=3600, must-revalidate"  # all else


class Afterwards(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[deploy.NAME.afterwards]`: who is told that the site has changed; nobody, unless named."""

    indexnow: str = ""  # the key
    webhook: str = ""
    cloudfront: str = ""  # a distribution
    cloudflare: str = ""  # a zone


class DeployTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """What all targets have in common."""

    default: bool = False
    keep_old: Annotated[float, msgspec.Meta(ge=0, le=8_760)] = 24.0  # hours
    max_deletes: Annotated[int, msgspec.Meta(ge=0)] = 500
    limits: Literal["", "github-pages", "cloudflare-pages"] = ""  # of the host behind the target
    afterwards: Afterwards = Afterwards()


class FolderTarget(DeployTarget, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="folder"):
    """A web root on this machine, switched at once."""

    path: Text


class GitTarget(DeployTarget, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="git"):
    """A branch of a Git repository, one commit a deploy: GitHub Pages and any other remote."""

    remote: Text
    branch: Text = "gh-pages"


class S3Target(DeployTarget, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="s3"):
    """A bucket of S3 or of a service that speaks its language."""

    bucket: Text
    prefix: str = ""
    endpoint_url: str = ""
    region: str = ""
    caching: Caching = Caching()


class SftpTarget(DeployTarget, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="sftp"):
    """A folder of a host that is reached by SFTP."""

    host: Text
    port: Port = 22
    user: str = ""
    path: Text


Target = FolderTarget | GitTarget | S3Target | SftpTarget
EXTRAS = {"s3": "s3", "sftp": "sftp"}  # type of target -> the extra that it needs


def choose_target(targets: dict[str, Target], name: str | None) -> str:
    """Return the name of the target that is meant: the one that is named, the only one, or the default.

    Raises:
        ConfigError: where there is none, or no way to tell which.
    """
    if name in targets:
        return str(name)
    known = ", ".join(sorted(targets))
    defaults = [each for each, target in targets.items() if target.default]
    if name:
        message, hint = f"there is no target `{visible(name)}`", f"known are: {known}" if known else _EXAMPLE
    elif not targets:
        message, hint = "there is no target", _EXAMPLE
    elif len(targets) == 1 or len(defaults) == 1:
        return (defaults or list(targets))[0]
    else:
        message = f"there are {len(targets)} targets and {'no' if not defaults else 'more than one'} default"
        hint = f"name one of {known} on the command line, or give one of them `default = true`"
    raise ConfigError([Problem("site.toml", 0, 0, "deploy", message, hint)])


_EXAMPLE = 'write a table: `[deploy.live]` with `type = "folder"` and `path = "/srv/www/news"`'


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
    elif isinstance(target, SftpTarget):
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
    here = Path(os.path.normpath(Path("/site") / path))
    if here in (Path("/site"), *Path("/site").parents):
        return f"{path!r} is the site's own folder or one around it", "name a folder of its own"
    for folder in folders:
        there = Path(os.path.normpath(Path("/site") / folder))
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
    except ValueError:
        return "is no address of a service", 'write it as "https://s3.example.net"'
    if parts.username or parts.password:
        return "holds a user or a password", "take it out; keys belong into the environment (docs/deploy.md)"
    return None if good and not parts.query else (f"{url!r} is no address", 'write it as "https://s3.example.net"')
