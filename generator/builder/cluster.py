"""Cluster: the processes of a Dask cluster as a team: the same tasks, on machines that share the site's disk."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

from generator.builder.afar import ONE_DISK, ClusterRefused, call_afar, describe, needs, parcel_of, refuse_differences
from generator.builder.workers import Team

LEAST = 4  # tasks that go together: a task of Dask costs about as much as a page, and pictures are few and long
PATIENCE = 20.0  # s without an answer after which this process does what others have not done
ANSWER = 5  # s in which a scheduler takes a connection
ARRIVE = 10  # s in which a first worker comes
RETURN = "60s"  # how long a scheduler may be away without this process going on alone
PORT = 8786  # Dask's own


class Cluster:
    """A Dask cluster, connected to when it is first needed; it may lose workers, or its scheduler, at any time.

    Args:
        folder: of the site, on a disk that all machines share.
        module: whose code, with all that it imports, must be the same on all machines.
        say: what the person who waits for the build is told.
    """

    def __init__(self, address: str, folder: Path, module: str, insecure: bool, say: Callable[[str], None]):
        refuse_open(address, insecure)
        self._address = address
        self._folder = folder
        self._module = module
        self._insecure = insecure
        self._say = say
        self._client: Any = None
        self._workers = 0
        self._asked = 0.0

    @contextmanager
    def gather(self, world: object) -> Iterator[Team]:
        """Give the workers of the cluster as a team: each takes the world from the shared disk, once.

        Raises:
            ClusterRefused: where the cluster is not there, not safe, or not the same everywhere.
        """
        from distributed.scheduler import KilledWorker

        client = self._client or self._connect()
        executor = client.get_executor()
        with parcel_of(world, self._folder, self._module) as parcel:

            def submit(chunk: Any, items: Sequence[Any]) -> Future[bytes]:
                try:
                    return executor.submit(call_afar, parcel, chunk, items)  # type: ignore[no-any-return]
                except Exception:  # the client closes in this very moment
                    return _lost()

            try:
                yield Team(submit, self._others, LEAST, (CancelledError, KilledWorker, OSError), PATIENCE)
            except ImportError as error:
                raise ClusterRefused(
                    f"a worker has no Broadsheet of this version ({error}). Install the same there"
                ) from error

    def close(self) -> None:
        """Leave the cluster; what it still does for us is given up."""
        if self._client:
            with suppress(Exception):  # it may be gone
                self._client.close(timeout=ANSWER)
            self._client = None
            logging.disable(logging.NOTSET)

    def _connect(self) -> Any:
        self._knock()
        from distributed import Client

        logging.disable()  # what matters of what Dask says, we say
        try:
            self._client = client = cast(Any, Client)(self._address, timeout=RETURN, set_as_default=False)
            client.wait_for_workers(1, timeout=ARRIVE)
            machines = client.scheduler_info(n_workers=-1)["workers"]
        except (TypeError, ValueError) as error:  # as Dask complains of settings
            raise ClusterRefused(
                f"{self._address}: {error}; Dask's own settings of TLS are wrong or missing"
            ) from error
        except (OSError, TimeoutError) as error:
            raise ClusterRefused(f"{self._address}: has no workers; start some: {self._command()}") from error
        for left in self._folder.glob("*.world"):  # by a build that was killed
            left.unlink(missing_ok=True)
        self._refuse_unsafe(machines)
        _refuse_versions(client.get_versions())
        self._refuse_strangers()
        self._workers, self._asked = len(machines), time.monotonic()
        return client

    def _knock(self) -> None:
        parts = urlsplit(self._address)
        try:
            socket.create_connection((parts.hostname, parts.port or PORT), ANSWER).close()
        except OSError as error:
            raise ClusterRefused(
                f"{self._address}: no scheduler answers ({error.strerror or error}); start one with `dask scheduler`, "
                "or build without --scheduler"
            ) from error

    def _command(self) -> str:
        return f"`dask worker {self._address} --nworkers -1 --nthreads 1` on each machine"

    def _refuse_unsafe(self, machines: Mapping[str, Mapping[str, Any]]) -> None:
        """Refuse workers that talk in the clear over a network, and those of which one process does several tasks."""
        for address, worker in sorted(machines.items()):
            refuse_open(address, self._insecure)
            if worker["nthreads"] > 1:
                raise ClusterRefused(
                    f"{address}: has {worker['nthreads']} threads, which would wait for each other; "
                    f"start one process for each core instead: {self._command()}"
                )

    def _refuse_strangers(self) -> None:
        """Refuse machines that have other code than this one, or do not see the site's folder.

        A worker that goes while it is asked is none of them: one may go at any time.
        """
        token, wanted = self._folder / f"{uuid4().hex}.world", needs(self._module)
        try:
            token.touch()
            answers = self._client.run(describe, self._module, str(token), on_error="return")
        finally:
            token.unlink(missing_ok=True)
        for address, answer in sorted(answers.items()):
            # What a worker cannot even read it names in an exception of no kind.
            if isinstance(answer, ImportError) or str(answer).startswith(("ImportError(", "ModuleNotFoundError(")):
                raise ClusterRefused(f"{address}: has no Broadsheet of this version ({answer}). Install the same there")
            if isinstance(answer, OSError):  # its connection has broken
                continue
            if isinstance(answer, BaseException):
                raise ClusterRefused(f"{address}: {answer}")
            found, sees = answer
            refuse_differences(address, wanted, found)
            if not sees:
                raise ClusterRefused(f"{address}: does not see {self._folder}; {ONE_DISK}")

    def _others(self) -> int:
        """Return how many workers there are, asked once a second; say when the last has gone, and when one is back."""
        now, before = time.monotonic(), self._workers
        if self._client.status != "running":
            self._workers = 0
        elif now - self._asked > 1 or not before:
            self._workers, self._asked = int(self._client.scheduler_info(n_workers=0)["n_workers"]), now
        if before and not self._workers:
            self._say(
                f"no worker of {self._address} is left: this process goes on alone; start some: {self._command()}"
            )
        elif self._workers and not before:
            self._say(f"{self._address} has workers again")
        return self._workers


def refuse_open(address: str, insecure: bool) -> None:
    """Check that an address of Dask's is one, and that what goes to it over a network is encrypted.

    Raises:
        ClusterRefused: where it is not.
    """
    parts = urlsplit(address)
    try:
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if parts.scheme not in ("tcp", "tls") or not named:
        raise ClusterRefused(f"{address!r} is no address of a scheduler; write it as tls://HOST:{PORT}")
    if parts.scheme == "tcp" and not insecure and not _is_loopback(parts.hostname or ""):
        raise ClusterRefused(
            f"{address}: is not encrypted, and whoever is on the way can run programs on all machines; use tls:// "
            "(docs/scale.md says how), or --insecure where the network is yours alone"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_versions(versions: Mapping[str, Any]) -> None:
    """Refuse a cluster in which Dask itself, or what it sends with, is not the same everywhere."""
    from distributed.versions import optional_packages

    optional = set(optional_packages)
    wanted = {name: text for name, text in versions["client"]["packages"].items() if name not in optional}
    for address, found in sorted({"the scheduler": versions["scheduler"], **versions["workers"]}.items()):
        refuse_differences(address, wanted, {name: found["packages"].get(name, "missing") for name in wanted})


def _lost() -> Future[bytes]:
    future: Future[bytes] = Future()
    future.cancel()
    future.set_running_or_notify_cancel()
    return future
