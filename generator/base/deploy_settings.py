"""The settings of deploys, the tables `[deploy.NAME]`: where the site goes."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from generator.base.complaints import visible
from generator.base.problems import ConfigError, Problem

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


class WebRootTarget(DeployTarget, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What folders have in common that a web server hands out as they are."""

    precompress: tuple[Literal["gzip", "br"], ...] = ()


class FolderTarget(WebRootTarget, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="folder"):
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


class SftpTarget(WebRootTarget, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="sftp"):
    """A folder of a host that is reached by SFTP."""

    host: Text
    port: Port = 22
    user: str = ""
    path: Text


class RsyncTarget(WebRootTarget, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="rsync"):
    """A folder that the program rsync brings files to: on a host that is reached by SSH, or, without one, here."""

    host: str = ""
    port: Port = 22
    user: str = ""
    path: Text


Target = FolderTarget | GitTarget | RsyncTarget | S3Target | SftpTarget
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
