"""What ssh, sh and rsync complain of, in words that help."""

from __future__ import annotations

import re

from generator.base.complaints import visible
from generator.deploy.git_words import without_secrets
from generator.deploy.target import DeployFailed, DeployRefused, gone, no_place

UNKNOWN_HOST = "the host key is not known; compare it with the host's, and put it into ~/.ssh/known_hosts"
NO_ACCESS = "access is denied; give an SSH agent, or a key in ~/.ssh"
GOES_ON = "deploy again, it goes on from here"
GONE = "not there any more: "  # what our own script says of a file that it must copy
TAKEN = "not one of ours: "  # what it says of something else in the place of a file or a folder: its kind, its name
_NEVER = {
    "Host key verification failed|host key is known|IDENTIFICATION HAS CHANGED": UNKNOWN_HOST,
    r"Permission denied \(|Too many authentication failures|invalid format|bad permissions": NO_ACCESS,
    "rsync: (command )?not found|not found: rsync": "rsync is not installed there; a target of this type needs it",
}
_AWAY = (
    "ssh: |Connection (closed|refused|reset|timed out)|closed by remote|Broken pipe|unexpectedly closed|"
    "mux_client|kex_exchange|Timeout"
)


def failure(place: str, said: bytes) -> DeployFailed | DeployRefused:
    """Return what a program's complaints mean; the first line of them tells most."""
    text = said.decode("utf-8", "replace")
    for pattern, words in _NEVER.items():
        if re.search(pattern, text):
            return DeployRefused([f"{place}: {words}"])
    if missing := re.match(f"{GONE}(.*)", text):
        return gone(place, visible(missing[1]))
    if taken := re.match(f"{TAKEN}([a-z]+) (.*)", text):
        return no_place(place, taken[2], taken[1])
    lines = [without_secrets(line.strip()) for line in text.splitlines() if line.strip()]
    told = visible(lines[0]) if lines else "no answer"
    if not lines or re.search(_AWAY, text):
        return DeployFailed(f"{place}: cannot be reached ({told}); {GOES_ON}")
    return DeployFailed(f"{place}: {told}; {GOES_ON}")
