"""S3 and what speaks its language: objects put in order, with their headers; a lease by conditional writes."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from hashlib import md5
from queue import SimpleQueue
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from generator.base.deploy_settings import S3Target
from generator.deploy.headers import Headers, headers_of
from generator.deploy.lease import LEASE, Lease, Seen, hold_lease
from generator.deploy.manifest import CONTROL
from generator.deploy.s3_direct import DirectWay
from generator.deploy.store import SAVED
from generator.deploy.target import DeployFailed, DeployRefused, Put, Say, Source, gone

WORKERS = 16
BATCH = 1000  # names in one request to delete
ATTEMPTS = 6  # of a request that the server could not take just now
_HEADERS = {"ContentMD5": "Content-MD5", "ContentType": "Content-Type", "CacheControl": "Cache-Control"}
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_TAKEN = frozenset({"412", "409", "PreconditionFailed", "ConditionalRequestConflict"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"})
_DENIED = frozenset({"403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"})

T = TypeVar("T")


class S3Store:
    """A bucket, or what is below a prefix in one."""

    keeps_headers = True
    has_folders = False
    copies_singly = True
    leaves_thread = False

    def __init__(self, target: S3Target):
        self._bucket, self._caching = target.bucket, target.caching
        self._prefix = f"{target.prefix.strip('/')}/" if target.prefix else ""
        self.place = f"s3://{target.bucket}/{self._prefix}".rstrip("/")
        self._lease: Lease | None = None
        with _told(self.place):
            session = boto3.Session()
            self._client = session.client(
                "s3",
                endpoint_url=target.endpoint_url or None,
                region_name=target.region
                or os.environ.get("AWS_REGION")
                or os.environ.get("AWS_DEFAULT_REGION")
                or None,
                config=Config(
                    retries={"mode": "standard", "max_attempts": ATTEMPTS},
                    connect_timeout=10,
                    read_timeout=60,
                    max_pool_connections=WORKERS,
                    # Newer checksums are not understood by all that speaks S3; MD5 is.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )
            self._direct = DirectWay(self._client, session.get_credentials(), self._prefix + CONTROL)
        self._client.meta.events.register("before-sign.s3.PutObject", _do_not_ask)

    @contextmanager
    def held(self, waiting: Say) -> Iterator[None]:
        """Hold the bucket by a lease."""
        with hold_lease(_LeaseObject(self), self.place, waiting) as self._lease:
            yield
        self._lease = None

    def read(self, name: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""
        answer = self._ask("get_object", Key=self._prefix + name)
        with _told(f"{self.place}/{name}"):
            return bytes(answer["Body"].read()) if answer else None

    def write(self, name: str, data: bytes) -> None:
        """Replace one of our own objects."""
        self._check()
        self._ask("put_object", **self._named(name, data, Headers("application/octet-stream", "no-store")))

    def copy(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Copy objects inside of the bucket, with their headers."""
        self._each(list(pairs), self._keep)

    def put(self, puts: Sequence[Put], source: Source, done: Callable[[Put], None]) -> None:
        """Put objects in place, many at once."""
        if source.saved:
            self._each(puts, self._restore, done)
        else:
            self._each(puts, lambda put: self._upload(put, source.read(put.path, put.row)), done)

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects, many with one request."""
        for at in range(0, len(names), BATCH):
            self._check()
            keys = [{"Key": self._prefix + name} for name in names[at : at + BATCH]]
            answer = self._ask("delete_objects", Delete={"Objects": keys, "Quiet": True})
            if answer and (errors := answer.get("Errors")):
                raise DeployFailed(f"{self.place}: {errors[0].get('Key')} was not deleted ({errors[0].get('Code')})")

    def existing(self, paths: Iterable[str]) -> set[str]:
        """Return those of the names that there are objects of."""
        wanted = set(paths)
        if len(wanted) > BATCH:
            return wanted & self.listing().keys()
        found: set[str] = set()

        def look(path: str) -> None:
            if self._ask("head_object", Key=self._prefix + path):
                found.add(path)

        self._each(sorted(wanted), look)
        return found

    def listing(self) -> dict[str, int]:
        """Return the size of every object but our own."""
        return {path: size for path, size in self._below("").items() if not path.startswith(f"{CONTROL}/")}

    def own(self) -> Iterable[str]:
        """Return the names of our own objects."""
        return self._below(f"{CONTROL}/")

    def _below(self, folder: str) -> dict[str, int]:
        prefix = self._prefix + folder
        with _told(self.place):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return {
                each["Key"][len(self._prefix) :]: each["Size"] for page in pages for each in page.get("Contents", ())
            }

    def _keep(self, pair: tuple[str, str]) -> None:
        if not self._copy(*pair):
            raise gone(self.place, pair[0])

    def _upload(self, put: Put, data: bytes) -> None:
        named = self._named(put.path, data, headers_of(put.path, self._caching))
        told = {header: named[argument] for argument, header in _HEADERS.items()}
        if not self._direct.put(named["Key"], data, told):
            self._ask("put_object", **named)

    def _restore(self, put: Put) -> None:
        """Put an object back that was kept aside, or tell it its headers again where it stands."""
        headers = headers_of(put.path, self._caching)
        told = {"ContentType": headers.content_type, "CacheControl": headers.cache_control}
        source = put.path if put.same else f"{SAVED}/{put.row.digest}"
        if not self._copy(source, put.path, MetadataDirective="REPLACE", **told):
            raise DeployFailed(
                f"{self.place}/{put.path}: its bytes were not kept; deploy that version from its sources"
            )

    def _named(self, name: str, data: bytes, headers: Headers) -> dict[str, Any]:
        """Return what a client is told with an object, by its own names for it."""
        return {
            "Key": self._prefix + name,
            "Body": data,
            "ContentMD5": base64.b64encode(md5(data, usedforsecurity=False).digest()).decode(),
            "ContentType": headers.content_type,
            "CacheControl": headers.cache_control,
        }

    def _copy(self, source: str, name: str, **more: str) -> bool:
        origin = {"Bucket": self._bucket, "Key": self._prefix + source}
        return self._ask("copy_object", Key=self._prefix + name, CopySource=origin, **more) is not None

    def _each(self, items: Sequence[T], act: Callable[[T], object], done: Callable[[T], None] | None = None) -> None:
        """Do something for many items at once; the first that fails stops all."""

        def guarded(item: T) -> T:
            self._check()
            act(item)
            return item

        with ThreadPoolExecutor(min(WORKERS, len(items)) or 1) as pool:
            ended: SimpleQueue[Future[T]] = SimpleQueue()
            for each in items:
                pool.submit(guarded, each).add_done_callback(ended.put)
            try:
                for _ in items:
                    item = ended.get().result()
                    if done:
                        done(item)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _check(self) -> None:
        if self._lease:
            self._lease.check()

    def _ask(self, operation: str, **arguments: Any) -> dict[str, Any] | None:
        """Ask the server; None where what is asked for is not there."""
        place = f"{self.place}/{str(arguments.get('Key', ''))[len(self._prefix) :]}".rstrip("/")
        with _told(place):
            try:
                answer: dict[str, Any] = getattr(self._client, operation)(Bucket=self._bucket, **arguments)
                return answer
            except ClientError as error:
                if _code(error) in _ABSENT:
                    return None
                raise


def _do_not_ask(request: Any, **_: object) -> None:
    """Send a file at once: to ask first whether it will be taken (`Expect`, RFC 9110, 10.1.1) costs as long again.

    Whether the server knows us, and is the right one, has been seen when the manifest was read.
    """
    if "Expect" in request.headers:
        del request.headers["Expect"]


class _LeaseObject:
    """The lease of a bucket: an object that is made, and taken over, on conditions."""

    def __init__(self, store: S3Store):
        self._store = store

    def seen(self) -> Seen | None:
        """Return the lease that is there; its age by the server's clock."""
        answer = self._store._ask("head_object", Key=self._store._prefix + LEASE)
        if answer is None:
            return None
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        return Seen(answer["ETag"], (now - answer["LastModified"]).total_seconds())

    def claim(self, token: str, over: Seen | None) -> bool:
        """Make the lease, or take that over which was seen. A server that knows no conditions shows by what is read."""
        condition = {"IfMatch": over.mark} if over else {"IfNoneMatch": "*"}
        try:
            self._write(token, **condition)
        except ClientError as error:
            if _code(error) not in _TAKEN | _ABSENT:
                with _told(self._store.place):
                    raise
            return False
        return self._store.read(LEASE) == token.encode()

    def renew(self, token: str) -> bool:
        """Make the lease young again, if it is ours."""
        try:
            self._write(token, IfMatch=f'"{md5(token.encode(), usedforsecurity=False).hexdigest()}"')
        except ClientError as error:
            return _code(error) not in _TAKEN | _ABSENT
        return True

    def release(self, token: str) -> None:
        """Remove the lease, if it is ours."""
        if self._store.read(LEASE) == token.encode():
            self._store._ask("delete_object", Key=self._store._prefix + LEASE)

    def _write(self, token: str, **condition: str) -> None:
        key = self._store._prefix + LEASE
        self._store._client.put_object(Bucket=self._store._bucket, Key=key, Body=token.encode(), **condition)


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Tell what went wrong in words of ours: what a server says may hold what nobody should read."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError):
        raise DeployRefused(
            [f"{place}: no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"]
        ) from None
    except ClientError as error:
        raise _failure(place, _code(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")) from None
    except BotoCoreError as error:
        raise DeployFailed(f"{place}: {type(error).__name__}: the service cannot be reached; deploy again") from None


def _failure(place: str, code: str, status: object) -> DeployFailed | DeployRefused:
    if code in _EXPIRED:
        return DeployFailed(
            f"{place}: the credentials have expired; get new ones and deploy again, it goes on from here"
        )
    if code in _DENIED:
        return DeployFailed(f"{place}: access is denied ({code}); check the keys and what they may do with this bucket")
    if code == "NoSuchBucket":
        return DeployRefused([f"{place}: there is no such bucket; make it, or correct `bucket`"])
    return DeployFailed(f"{place}: the service answers {code} ({status}); deploy again, it goes on from here")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
