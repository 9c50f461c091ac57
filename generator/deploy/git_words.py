"""What Git complains of, in words that help, and without what must be secret."""

from __future__ import annotations

import os
import re

TOKEN = "GITHUB_TOKEN"  # noqa: S105  the name of a variable


def without_secrets(text: str) -> str:
    """Return a text without what stands before the host of an address, and without any token of the environment."""
    for name, value in os.environ.items():
        if len(value) > 7 and re.search("TOKEN|SECRET|PASSWORD|KEY", name):
            text = text.replace(value, "***")
    return re.sub(r"(https?://)[^/@\s]*@", r"\1", text)


def complaint(place: str, command: str, said: str) -> str:
    """Return what went wrong in words of ours, as far as they are known."""
    lines = [line for line in said.splitlines() if re.match(r"(fatal|error|remote|ssh|Host|Permission)\b.*|\s*!", line)]
    told = without_secrets(" · ".join(line.strip() for line in lines[-4:])) or "no reason was given"
    for pattern, hint in _HINTS.items():
        if re.search(pattern, said):
            return f"{place}: {hint} ({told})"
    return f"{place}: git {command} failed ({told}); nothing was changed; deploy again"


_HINTS = {
    "stale info|fetch first|non-fast-forward": "another deploy came in between; deploy again",
    "could not read Username|Authentication failed|Permission denied|403": (
        f"access is denied; give git credentials: an SSH agent, a credential helper, or {TOKEN} in the environment"
    ),
    "Host key verification failed": "the host key is not known; compare it and put it into known_hosts",
    "not appear to be a git repository|Repository not found|does not exist": (
        "there is no such repository, or these credentials may not see it; make it, or correct `remote`"
    ),
}
