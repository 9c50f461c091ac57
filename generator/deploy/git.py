"""Git: one commit a deploy on a branch of its own, made without a checkout; GitHub Pages and any other remote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from generator.base.deploy_settings import GitTarget
from generator.base.lock import locked
from generator.deploy.git_words import TOKEN, complaint, without_secrets
from generator.deploy.manifest import CONTROL, Manifest, decode_manifest, encode_manifest
from generator.deploy.target import Count, DeployFailed, DeployRefused, Plan, Remote, Say, Source, no_place

_MANIFEST = f"{CONTROL}/manifest.json"
_HARMLESS = frozenset({"CNAME", ".nojekyll", ".gitignore", "LICENSE", "README", "README.md"})
_TIP = "refs/deploy/tip"
_MADE = "refs/deploy/made"
_DEPTHS = (2, 10, 100)  # commits that are fetched to find the deploy before; then all
_FILE = "100644"
_SERVER = "GITHUB_SERVER_URL"
# Git asks this for a password; the shell reads the variable, so that no process list shows it.
_HELPER = f'!f() {{ test "$1" = get && echo username=x-access-token && echo "password=${TOKEN}"; }}; f'


class Branch:
    """A branch of a remote repository. What is known of it lies in a bare repository in the cache, which may go."""

    keeps_headers = False
    binding = False

    def __init__(self, target: GitTarget, root: Path, cache: Path):
        self._branch = f"refs/heads/{target.branch}"
        self._remote = _absolute(target.remote, root)
        self.place = f"{without_secrets(target.remote)} ({target.branch})"
        self._cache = cache / "deploy"
        self._home = self._cache / "branch.git"
        self._tip: str | None = None
        self._tree: dict[str, str] = {}  # path -> mode, type and name of the object

    @contextmanager
    def held(self, waiting: Say) -> Iterator[None]:
        """Hold what is known of the branch; the branch itself is not held, for a push takes it only as it was seen."""
        told = f"{self.place}: another deploy is at work; waiting for it"
        with locked(self._cache, lambda _: waiting(told)):
            yield

    def prepare(self) -> None:
        """Nothing here takes time before the target is held."""

    def look(self) -> Remote:
        """Return what is there; nothing is written to it."""
        self._open()
        self._tip = self._fetch(1)
        if self._tip is None:
            return Remote()
        rows = self._git("ls-tree", "-r", "-z", "--full-tree", self._tip).split(b"\0")[:-1]
        self._tree = {path.decode("utf-8", "surrogateescape"): head.decode() for head, _, path in map(_split, rows)}
        manifest = self._manifest(self._tip)
        if manifest:
            return Remote(manifest)
        strangers = tuple(sorted(path for path in self._tree if path not in _HARMLESS))
        if strangers:
            told = f"holds {len(strangers):,} files that no deploy of ours committed ({strangers[0]}, …)"
            hint = "perhaps somebody's sources; name another `branch`, or delete this one"
            raise DeployRefused([f"{self.place}: {told}, {hint}"])
        return Remote()

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the paths that are there."""
        return {path for path in paths if path in self._tree}

    def listing(self) -> dict[str, int]:
        """Return the size of every file that is there, in bytes."""
        if self._tip is None:
            return {}
        rows = self._git("ls-tree", "-r", "-l", "-z", "--full-tree", self._tip).split(b"\0")[:-1]
        sizes = {path.decode("utf-8", "surrogateescape"): head.split()[-1] for head, _, path in map(_split, rows)}
        return {path: int(size) for path, size in sizes.items() if path != _MANIFEST and size != b"-"}

    def previous(self) -> Manifest | None:
        """Return the manifest of the version before."""
        commit = self._earlier()
        return self._manifest(commit) if commit else None

    def carry_out(self, plan: Plan, source: Source, count: Count) -> None:
        """Commit what changes on top of what is there, and push; the remote takes all of it or nothing."""
        self._import(plan, source, count)
        made = self._git("rev-parse", "--verify", "--end-of-options", _MADE).decode().strip()
        lease = f"--force-with-lease={self._branch}:{self._tip or ''}"
        self._git("push", "--porcelain", "--no-verify", lease, "--", self._remote, f"{made}:{self._branch}")
        self._git("update-ref", _TIP, made)
        self._git("gc", "--auto", "--quiet")

    def _import(self, plan: Plan, source: Source, count: Count) -> None:
        """Write the commit's files, tree and itself into the repository in the cache."""
        earlier = self._objects(self._earlier()) if source.saved else {}
        command = [*self._command(), "fast-import", "--quiet", "--force", "--done", "--date-format=now"]
        with _Feed(command, self._environment(), self.place) as feed:
            feed(_commit(plan, self._tip))
            for path in plan.deletes:  # first: a folder may come where a file was
                feed(f"D {_quoted(path)}\n".encode())
            for put in plan.puts:
                if source.saved:
                    feed(f"M {_FILE} {earlier[put.path]} {_quoted(put.path)}\n".encode())
                else:
                    feed(f"M {_FILE} inline {_quoted(put.path)}\n".encode() + _data(source.read(put.path, put.row)))
                count(1, put.row.size)
            feed(f"M {_FILE} inline {_MANIFEST}\n".encode() + _data(encode_manifest(plan.manifest)) + b"\ndone\n")

    def _earlier(self) -> str | None:
        """Return the commit of the version before: the last one whose manifest counts fewer versions."""
        current = self._manifest(self._tip) if self._tip else None
        if current is None:
            return None
        for depth in (*_DEPTHS, 0):
            self._fetch(depth)
            log = self._git("log", "--format=%H", str(self._tip), "--", _MANIFEST).decode().split()
            for commit in log[1:]:
                manifest = self._manifest(commit)
                if manifest and manifest.version < current.version:
                    return commit
        return None

    def _objects(self, commit: str | None) -> dict[str, str]:
        """Return the name of the object of each file of a commit."""
        rows = self._git("ls-tree", "-r", "-z", "--full-tree", str(commit)).split(b"\0")[:-1]
        return {
            path.decode("utf-8", "surrogateescape"): head.split()[2].decode() for head, _, path in map(_split, rows)
        }

    def _manifest(self, commit: str | None) -> Manifest | None:
        entry = self._git("ls-tree", "--full-tree", str(commit), "--", _MANIFEST)
        if not entry:
            return None
        if b" blob " not in entry:
            raise no_place(self.place, _MANIFEST, "file")
        return decode_manifest(self._git("cat-file", "blob", f"{commit}:{_MANIFEST}"), f"{self.place}/{_MANIFEST}")

    def _open(self) -> None:
        """Make the repository in the cache where it is not, or is damaged."""
        if shutil.which("git") is None:
            raise DeployRefused(["git is not installed; a target of this type needs it"])
        if (self._home / "HEAD").is_file() and self._run("rev-parse", "--git-dir").returncode == 0:
            return
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir(parents=True)
        self._git("init", "--bare", "--quiet")

    def _fetch(self, depth: int) -> str | None:
        """Fetch the branch, so many commits of it or all (0); None where the remote has no such branch."""
        listed = self._git("ls-remote", "--quiet", "--", self._remote, self._branch).decode().split()
        if not listed:
            return None
        how = [f"--depth={depth}"] if depth else ["--unshallow"] if (self._home / "shallow").exists() else []
        refspec = f"+{self._branch}:{_TIP}"
        self._git("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", *how, "--", self._remote, refspec)
        return self._git("rev-parse", "--verify", "--end-of-options", _TIP).decode().strip()

    def _git(self, *arguments: str) -> bytes:
        """Run git; what it complains of is told without what must be secret."""
        done = self._run(*arguments)
        if done.returncode:
            raise DeployFailed(
                complaint(self.place, arguments[0], (done.stderr + b"\n" + done.stdout).decode("utf-8", "replace"))
            )
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command, nothing = [*self._command(), *arguments], subprocess.DEVNULL
        return subprocess.run(command, env=self._environment(), stdin=nothing, capture_output=True, check=False)  # noqa: S603

    def _command(self) -> list[str]:
        server = os.environ.get(_SERVER, "https://github.com")  # nobody else is told the token
        helper = ["-c", f"credential.{server}.helper={_HELPER}"] if os.environ.get(TOKEN) else []
        return ["git", "--git-dir", str(self._home), *helper, "-c", "core.hooksPath=/dev/null"]

    def _environment(self) -> dict[str, str]:
        """Return an environment in which git asks nobody, speaks English, and runs no program that an address names."""
        kept = {
            name: value for name, value in os.environ.items() if not re.match(r"GIT_(DIR|WORK_TREE|INDEX_FILE)", name)
        }
        asks_nobody = {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": kept.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes"),
        }
        return kept | asks_nobody | {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh", "LC_ALL": "C.UTF-8"}


class _Feed:
    """A running `git fast-import`."""

    def __init__(self, command: list[str], environment: dict[str, str], place: str):
        self._place, self._said = place, TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=self._said)  # noqa: S603

    def __enter__(self) -> Callable[[bytes], object]:
        assert self._process.stdin is not None
        return self._process.stdin.write

    def __exit__(self, kind: object, *_: object) -> None:
        assert self._process.stdin is not None
        if kind and not isinstance(kind, BrokenPipeError):
            self._process.kill()
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        code = self._process.wait()
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace")
        self._said.close()
        if code and (kind is None or kind is BrokenPipeError):
            raise DeployFailed(complaint(self._place, "fast-import", said))


def _commit(plan: Plan, tip: str | None) -> bytes:
    """Return the head of a commit as `git fast-import` reads it; nobody's name or machine is in it."""
    counts = Counter("new" if put.fresh else "changed" for put in plan.puts)
    message = (
        f"Deploy {plan.manifest.site}\n\nVersion {plan.manifest.version}: {counts['new']} new, "
        f"{counts['changed']} changed, {len(plan.deletes)} deleted.\n"
    ).encode()
    host = urlsplit(plan.manifest.site).hostname or "localhost"
    parent = f"from {tip}\n" if tip else ""
    head = f"reset {_MADE}\ncommit {_MADE}\ncommitter Broadsheet <broadsheet@{host}> now\n"
    return head.encode() + _data(message) + parent.encode()


def _data(data: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(data), data)


def _quoted(path: str) -> str:
    """Return a path as `git fast-import` reads it."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _split(row: bytes) -> tuple[bytes, bytes, bytes]:
    return row.partition(b"\t")


def _absolute(remote: str, root: Path) -> str:
    """Return a remote that is a path as an absolute one, any other as it is."""
    is_path = not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|[^/]*:", remote)
    return str(root / remote) if is_path else remote
