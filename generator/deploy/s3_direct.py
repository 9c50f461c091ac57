"""The direct way to S3: files sent as the client has sent one, without all that it does anew for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.exceptions import BotoCoreError

# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=[^,/]+/\d{8}/([^,/]+)/s3/aws4_request,")


class _Way(NamedTuple):
    """Where a bucket's objects lie (ends with a slash), the region that signatures name, and who we say that we are."""

    bucket: str
    region: str
    agent: str


class DirectWay:
    """Puts objects with the client's signer, on its connections, in half of the processor time.

    Where the bucket lies and how its requests are signed is learned from one that the client sends. What is not
    plainly taken is left to the client, and with it all that comes after: it knows when to try again, and what to make
    of an answer. So nothing but speed depends on this way.
    """

    def __init__(self, client: Any, credentials: Any, own: str):
        """Take a client and its credentials; `own` is what the keys begin with of those that it is left to send."""
        self._credentials, self._own = credentials, f"/{_quoted(own)}"
        # The session has no public name: a botocore that calls it by another one goes the client's way.
        session = getattr(getattr(client, "_endpoint", None), "http_session", None)
        self._send: Callable[[AWSPreparedRequest], Any] | None = getattr(session, "send", None)
        self._way: _Way | None = None
        client.meta.events.register("before-send.s3.PutObject", self._learn)

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> bool:
        """Put an object; tell whether it is there now."""
        way, send = self._way, self._send
        if way is None or send is None or self._credentials is None:
            return False
        request = AWSRequest("PUT", way.bucket + _quoted(key), {"User-Agent": way.agent, **headers}, data)
        request.context["has_streaming_input"] = True  # its digest is in the headers: over TLS no second one is signed
        try:
            S3SigV4Auth(self._credentials.get_frozen_credentials(), "s3", way.region).add_auth(request)
            answer = send(request.prepare())
            taken = bool(answer.status_code == 200 and answer.content is not None)  # read: the connection is free
        except BotoCoreError:
            taken = False
        if not taken:
            self._send = None
        return taken

    def _learn(self, request: AWSPreparedRequest, **_: object) -> None:
        bucket, found, _own = request.url.rpartition(self._own)
        signed = _SIGNED.match(_text(request.headers.get("Authorization", "")))
        if found and signed and "?" not in bucket:
            self._way = _Way(f"{bucket}/", signed[1], _text(request.headers.get("User-Agent", "")))


def _quoted(key: str) -> str:
    return quote(key, safe="/~")


def _text(header: str | bytes) -> str:
    return header.decode("latin-1") if isinstance(header, bytes) else header
