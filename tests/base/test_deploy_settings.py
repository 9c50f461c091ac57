"""The tables of deploys: what is wrong is said with its line, and no value can become another program's option."""

from __future__ import annotations

import pytest

from generator.base.config import read_settings
from generator.base.deploy_settings import FolderTarget, GitTarget, S3Target, choose_target
from generator.base.problems import ConfigError

WRONG = {
    'path = "x"': 'site.toml:1:1: deploy.live: has no `type`; it is one of "folder", "git", "rsync", "s3", "sftp"',
    'type = "floder"\npath = "x"': "site.toml:1:1: deploy.live: 'floder' is no `type` of it; known are: ",
    'type = 3\npath = "x"': "site.toml:1:1: deploy.live: 3 is no `type` of it; known are: ",
    'type = "folder"': 'site.toml:1:1: deploy.live: has no `path`; type "folder" needs one',
    'type = "folder"\npath = ""': "site.toml:3:1: deploy.live.path: expected text with something in it",
    'type = "folder"\npaht = "x"\npath = "x"': "site.toml:3:1: deploy.live.paht: is not a setting",
    'type = "folder"\npath = "x"\nkeep_old = -1': "site.toml:4:1: deploy.live.keep_old: expected a number >= 0",
    'type = "folder"\npath = "output/x"': "site.toml:3:1: deploy.live.path: 'output/x' and 'output' lie in each other",
    'type = "folder"\npath = ".."': "site.toml:3:1: deploy.live.path: '..' is the site's own folder or one around it",
    'type = "folder"\npath = "-x"': "site.toml:3:1: deploy.live.path: '-x' begins with `-`",
    'type = "folder"\npath = "a\\nb"': "site.toml:3:1: deploy.live.path: holds the character U+000A; take it out",
    'type = "git"\nremote = "--upload-pack=x"': "deploy.live.remote: '--upload-pack=x' begins with `-`",
    'type = "git"\nremote = "ssh://-oProxyCommand=x/y"': "deploy.live.remote: 'ssh://-oProxyCommand=x/y' names a host",
    'type = "git"\nremote = "me@-oProxyCommand=x:y"': "deploy.live.remote: 'me@-oProxyCommand=x:y' names a host",
    'type = "git"\nremote = "ext::sh -c x"': "deploy.live.remote: 'ext::sh -c x' would run a program",
    'type = "git"\nremote = "https://me:secret@h/x"': "deploy.live.remote: holds a password or a token; take it out",
    'type = "git"\nremote = "https://ghp_token@h/x"': "deploy.live.remote: holds a password or a token; take it out",
    'type = "git"\nremote = "ssh://me:secret@h/x"': "deploy.live.remote: holds a password or a token; take it out",
    'type = "git"\nremote = "x"\nbranch = "-x"': "deploy.live.branch: '-x' begins with `-`",
    'type = "git"\nremote = "x"\nbranch = "a..b"': "deploy.live.branch: 'a..b' is no name of a branch",
    'type = "git"\nremote = "x"\nbranch = "a b"': "deploy.live.branch: 'a b' is no name of a branch",
    'type = "git"\nremote = "x"\nbranch = "a.lock"': "deploy.live.branch: 'a.lock' is no name of a branch",
    'type = "s3"\nbucket = "s3://x"': "deploy.live.bucket: 's3://x' is no name of a bucket",
    'type = "s3"\nbucket = "abc"\nprefix = "/x"': "deploy.live.prefix: '/x' is no prefix of names",
    'type = "s3"\nbucket = "abc"\nprefix = "a/../b"': "deploy.live.prefix: 'a/../b' is no prefix of names",
    'type = "s3"\nbucket = "abc"\nendpoint_url = "ftp://x"': "deploy.live.endpoint_url: 'ftp://x' is no address",
    'type = "s3"\nbucket = "abc"\nendpoint_url = "https://k:secret@x"': "endpoint_url: holds a user or a password",
    'type = "s3"\nbucket = "abc"\nsecret_key = "x"': "deploy.live.secret_key: is not a setting",
    'type = "s3"\nbucket = "abc"\ncaching = {pages = "a\\nb"}': "deploy.live.caching: holds the character U+000A",
    'type = "s3"\nbucket = "abc"\n[deploy.live.caching]\npagse = "x"': "site.toml:5:1: deploy.live.caching.pagse: is",
    'type = "sftp"\nhost = "-x"\npath = "/x"': "deploy.live.host: '-x' begins with `-`",
    'type = "sftp"\nhost = "a b"\npath = "/x"': "deploy.live.host: 'a b' is no host",
    'type = "sftp"\nhost = "h"\nuser = "me:secret@"\npath = "/x"': "deploy.live.user: 'me' is no name of a user",
    'type = "sftp"\nhost = "h"\nport = 0\npath = "/x"': "site.toml:4:1: deploy.live.port: expected a whole number >= 1",
    'type = "sftp"\nhost = "h"\npath = "/"': "deploy.live.path: '/' cannot be a web root",
    'type = "sftp"\nhost = "h"\npath = "a/../../b"': "deploy.live.path: 'a/../../b' cannot be a web root",
    'type = "rsync"\nhost = "-oProxyCommand=x"\npath = "/x"': "live.host: '-oProxyCommand=x' begins with `-`",
    'type = "rsync"\nhost = "h::m"\npath = "/x"': "deploy.live.host: 'h::m' is no host",
    'type = "rsync"\nhost = "h"\npath = "/"': "deploy.live.path: '/' cannot be a web root",
    'type = "rsync"\npath = "output"': "site.toml:3:1: deploy.live.path: 'output' and 'output' lie in each other",
    'type = "rsync"\nuser = "me"\npath = "x"': "deploy.live.user: is set, and there is no `host`",
    'type = "folder"\npath = "x"\nafterwards = {webhook = "http://h\\r\\nx"}': "webhook 'http://h\\r\\nx' is no",
    'type = "folder"\npath = "x"\nafterwards = {webhook = "https://h/x?key=secret@"}': "webhook 'https://h/x' is no",
    'type = "folder"\npath = "x"\nprecompress = ["zip"]': "deploy.live.precompress",
    'type = "s3"\nbucket = "abc"\nprecompress = ["br"]': "deploy.live.precompress: is not a setting",
    'type = "folder"\npath = "x"\nlimits = "cloudflare-pages"\nprecompress = ["br"]': "that host compresses what it",
    'type = "s3"\nbucket = "abc"\nlimits = "netlify"': "deploy.live.limits: invalid enum value 'netlify'",
}


@pytest.mark.parametrize("table", WRONG)
def test_a_mistake_is_named(table: str) -> None:
    """Each mistake is said with its line, and no secret is repeated."""
    with pytest.raises(ConfigError) as wrong:
        read_settings(f"[deploy.live]\n{table}\n")
    assert WRONG[table] in str(wrong.value)
    assert len(wrong.value.problems) == 1
    assert "secret@" not in str(wrong.value)
    assert "ghp_token" not in str(wrong.value)


def test_all_mistakes_at_once() -> None:
    """One run names what is wrong in every target."""
    with pytest.raises(ConfigError) as wrong:
        read_settings('[deploy.a]\ntype = "git"\nremote = "x"\nbarnch = "y"\n[deploy.b]\ntype = "s3"\nbuket = "x"\n')
    assert [problem.field for problem in wrong.value.problems] == ["deploy.a.barnch", "deploy.b", "deploy.b.buket"]


def test_a_name_of_a_target() -> None:
    """A name is one that a command line can hold."""
    with pytest.raises(ConfigError, match="'a b' is no name of a target"):
        read_settings('[deploy."a b"]\ntype = "folder"\npath = "/srv/www"\n')


@pytest.mark.parametrize(
    "remote",
    [
        "git@github.com:me/news.git",
        "https://github.com/me/news.git",
        "ssh://git@host.test:2222/news.git",
        "/srv/git/news.git",
        "../news.git",
        "git://host.test/news.git",
    ],
)
def test_remotes_that_are_good(remote: str) -> None:
    """What Git takes, and runs nothing, is taken."""
    settings = read_settings(f'[deploy.live]\ntype = "git"\nremote = "{remote}"\n')
    assert settings.deploy == {"live": GitTarget(remote=remote)}


# -- which target ------------------------------------------------------------------------------------------------------

A, B, C = FolderTarget(path="/a"), FolderTarget(path="/b", default=True), S3Target(bucket="abc")


def test_which_target_is_meant() -> None:
    """The one that is named, the only one, or the default."""
    assert choose_target({"a": A}, None) == "a"
    assert choose_target({"a": A, "b": B, "c": C}, None) == "b"
    assert choose_target({"a": A, "b": B}, "a") == "a"


@pytest.mark.parametrize(
    ("targets", "name", "message"),
    [
        ({}, None, "there is no target; write a table"),
        ({"a": A}, "x", "there is no target `x`; known are: a"),
        ({"a": A, "c": C}, None, "there are 2 targets and no default; name one of a, c on the command line"),
        ({"a": B, "b": B}, None, "there are 2 targets and more than one default"),
    ],
)
def test_no_way_to_tell(targets: dict[str, FolderTarget], name: str | None, message: str) -> None:
    """Where nobody can tell, nobody guesses."""
    with pytest.raises(ConfigError, match=message):
        choose_target(targets, name)  # type: ignore[arg-type]
