"""The lease of a web root with a shell: a file that one of many can link, and in it the time by the host's clock."""

from __future__ import annotations

from generator.deploy.lease import LEASE, Seen, no_lease
from generator.deploy.shell import COMING, NOT_THERE, Shell

_NO_FILE = b"no file\n"
_SEEN = (
    f'if [ -L {LEASE} ] || {{ [ -e {LEASE} ] && [ ! -f {LEASE} ]; }}; then echo "no file"; exit; fi;'
    f"[ -f {LEASE} ] || exit {NOT_THERE}; cksum < {LEASE}; date +%s; cat {LEASE}"
)
_WRITE = f'new="{COMING}/$1"; printf "%s %s" "$1" "$(date +%s)" > "$new" || exit 1;'
# What was seen is moved away first; where it is not that any more, somebody else was faster: it is theirs.
_TAKE_OVER = (
    f'if [ -n "$2" ]; then mv -- {LEASE} "$new.old" || exit {NOT_THERE};'
    f'[ "$(cksum < "$new.old")" = "$2" ] || {{ ln -- "$new.old" {LEASE}; exit {NOT_THERE}; }}; fi;'
)
# A file system without links can still tell who comes first.
_CLAIM = f'ln -- "$new" {LEASE} 2> /dev/null || (set -C; cat "$new" > {LEASE}) 2> /dev/null || exit {NOT_THERE}'
_OURS = f'[ "$(cut -d " " -f 1 {LEASE})" = "$1" ] || exit {NOT_THERE};'


class LeaseLink:
    """The lease of a web root. Its times are those of the host."""

    def __init__(self, shell: Shell, place: str):
        self._shell, self._place = shell, place

    def seen(self) -> Seen | None:
        """Return the lease that is there, and its age; one without a time is young.

        Raises:
            DeployRefused: where a folder or a link is in its place.
        """
        said = self._shell.ask(_SEEN)
        if said is None:
            return None
        if said == _NO_FILE:
            raise no_lease(self._place)
        mark, now, text = said.decode("ascii", "replace").split("\n", 2)
        since = text.rpartition(" ")[2]
        return Seen(mark, int(now) - int(since) if since.isdecimal() else 0)

    def claim(self, token: str, over: Seen | None) -> bool:
        """Make the lease; one that is to be taken over is moved out of the way first."""
        return self._shell.ask(_WRITE + _TAKE_OVER + _CLAIM, token, over.mark if over else "") is not None

    def renew(self, token: str) -> bool:
        """Make the lease young again, if it is ours."""
        return self._shell.ask(f'{_OURS}{_WRITE}mv -f -- "$new" {LEASE}', token) is not None

    def release(self, token: str) -> None:
        """Remove the lease, if it is ours."""
        self._shell.ask(f"{_OURS}rm -f {LEASE}", token)
