"""A build with the workers of a Dask cluster gives a local one's bytes, whatever becomes of workers and scheduler."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme
from dask_kit import RealCluster, free_port, wait_until
from distributed.comm.core import CommClosedError
from site_kit import (
    NOON,
    REPOSITORY,
    SmallSite,
    clean_tree,
    environment,
    full_site,
    run,
    run_here,
    small_site,
    tree,
)

from generator.base.config import load_site
from generator.builder.afar import ClusterRefused, Parcel, call_afar, needs, parcel_of, refuse_differences
from generator.builder.cluster import Cluster, refuse_open
from generator.drafting import Request
from generator.pipeline import build as build_site
from generator.publish.shared import SharedStage


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[RealCluster]:
    """Give a cluster that is started by its test."""
    found = RealCluster(tmp_path)
    yield found
    found.end()


def start_build(site: SmallSite, cluster: RealCluster) -> subprocess.Popen[str]:
    """Begin a build with the cluster's workers."""
    command = [sys.executable, "-m", "generator", "build", "--site", str(site.root), "--as-of", NOON.isoformat()]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*command, "--scheduler", cluster.address, "--json"], env=environment(), stdout=pipe, stderr=pipe, text=True
    )


def variants(site: SmallSite) -> dict[str, int]:
    """Return the kept sizes of pictures, each with its file's inode: one that is made again has another."""
    folder = site.cache / "variants"
    return {file.name: file.stat().st_ino for file in folder.glob("*") if file.name[0] != "."}


def with_pictures(site: SmallSite, count: int) -> SmallSite:
    """Give the site as many pictures that take a while."""
    for number in range(count):
        site.picture(f"images/wide-{number}.png", f"#{number:02x}8899", 1000, 800)
        images = [{"url": f"/images/wide-{number}.png", "width": 1000, "height": 800}]
        site.article(f"wide-{number:03d}", images=images, publishedDateTime="2026-01-02T08:00:00Z")
    return site


# -- the same bytes ----------------------------------------------------------------------------------------------------


def test_the_bytes_are_those_of_a_local_build(cluster: RealCluster, tmp_path: Path) -> None:
    """Articles read and pages and pictures made by a worker are equal to the local build's; nothing is made again."""
    cluster.start()
    site = full_site(tmp_path / "site", 160)
    site.settings(title="Small news", base_url="https://news.example/", outputs={"social_cards": False})
    done = run(site, "build", "--scheduler", cluster.address)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(site.cache.glob("*.pack"))) == 2, "the worker read articles, too"
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")
    assert not [*site.cache.glob("*.world"), *site.cache.glob(".staging-*")]
    again: list[str] = []
    build_site(load_site(site.root), Request(NOON), lambda phase, *_: again.append(phase), lambda _: None)
    assert again == [], "a local build reads nothing and makes nothing"


@pytest.mark.long
def test_a_cluster_with_tls(cluster: RealCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS is Dask's, by Dask's own settings: with the certificates the cluster builds, without them nobody gets in."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("desk.example").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    cluster.protocol = "tls"
    cluster.settings = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(tmp_path / "ca.pem")} | {
        f"DASK_DISTRIBUTED__COMM__TLS__{role}__{kind}": str(tmp_path / "own.pem")
        for role in ("CLIENT", "SCHEDULER", "WORKER")
        for kind in ("KEY", "CERT")
    }
    cluster.start()
    site = full_site(tmp_path / "site", 160)
    refused = run(site, "build", "--scheduler", cluster.address)
    assert (refused.returncode, "TLS" in refused.stderr, "Traceback" in refused.stderr) == (2, True, False)
    for name, value in cluster.settings.items():
        monkeypatch.setenv(name, value)
    done = run(site, "build", "--scheduler", cluster.address)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(site.cache.glob("*.pack"))) == 2, "the worker read articles, too"
    assert tree(site.output) == clean_tree(site, tmp_path / "clean")


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://[::1]:1", "tcp://localhost", "tls://10.0.0.5:8786"])
def test_loopback_and_tls_are_taken(address: str) -> None:
    """What stays on this machine, and what is encrypted, needs no further word."""
    refuse_open(address, insecure=False)


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://desk.example:8786", "tcp://0.0.0.0:8786"])
def test_a_network_without_tls_is_refused(address: str) -> None:
    """Over a network without TLS a cluster is taken with --insecure only."""
    with pytest.raises(ClusterRefused, match=r"is not encrypted.*use tls://.*--insecure"):
        refuse_open(address, insecure=False)
    refuse_open(address, insecure=True)


@pytest.mark.parametrize("address", ["", "localhost:8786", "http://127.0.0.1", "tcp://", "tls://x:y", "tls://x:0"])
def test_what_is_no_address_is_refused(address: str) -> None:
    """An address names a scheme of Dask's and a host."""
    with pytest.raises(ClusterRefused, match="no address of a scheduler; write it as tls://HOST:8786"):
        refuse_open(address, insecure=True)


def test_the_extra_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask the option names the extra, before anything is built."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = run_here(full_site(tmp_path), "build", "--scheduler", "tcp://127.0.0.1:8786")
    assert (said.code, said.err) == (
        2,
        "error: --scheduler needs an extra: pip install 'broadsheet[distributed]'\n",
    )


def test_no_scheduler_answers(tmp_path: Path) -> None:
    """Where nobody listens, the message says what to start."""
    site = full_site(tmp_path, 160)
    done = run_here(site, "build", "--scheduler", f"tcp://127.0.0.1:{free_port()}")
    assert done.code == 2
    assert "no scheduler answers (Connection refused); start one with `dask scheduler`" in done.err


def test_a_small_build_needs_no_cluster(tmp_path: Path) -> None:
    """What is faster here than over there is done here: nobody is asked."""
    site = small_site(tmp_path)
    site.article("alone")
    done = run_here(site, "build", "--scheduler", f"tcp://127.0.0.1:{free_port()}")
    assert done.code == 0


def test_a_local_build_imports_nothing_of_dask() -> None:
    """Whoever builds without a cluster does not pay for one."""
    code = "import sys, generator.cli.build, generator.pipeline; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert not {"dask", "distributed", "tornado", "generator.builder.cluster"} & set(loaded.stdout.split())


def test_what_differs_is_named() -> None:
    """A machine that would make other bytes is refused by the names of all that differs."""
    mine = {"Python": "3.13", "pillow": "pillow-12.0", "msgspec": "msgspec-0.20"}
    refuse_differences("tls://one", mine, dict(mine))
    with pytest.raises(ClusterRefused) as refused:
        refuse_differences("tls://one", mine, {"Python": "3.12", "msgspec": "msgspec-0.20"})
    assert str(refused.value) == (
        "tls://one: would make other bytes: Python is 3.12, here 3.13; pillow is missing, here pillow-12.0. "
        "Install the same there"
    )


def test_what_must_be_the_same() -> None:
    """Python, the processor, our code and the libraries that shape bytes are compared; those of deploys are not."""
    found = needs("generator.actions")
    assert {"Python", "processor", "Broadsheet's code", "pillow", "jinja2", "msgspec", "pyyaml"} <= found.keys()
    assert not {"boto3", "asyncssh", "distributed", "click"} & found.keys()


def test_a_worker_on_another_disk(tmp_path: Path) -> None:
    """A machine that does not see the site's folder is refused by its address."""

    class Elsewhere:
        def run(self, function: object, module: str, token: str, on_error: str) -> dict[str, tuple[object, bool]]:
            assert Path(token).exists()
            return {"tls://10.0.0.5:1": (needs(module), False)}

    cluster = Cluster("tls://10.0.0.4:8786", tmp_path, "generator.actions", False, lambda _: None)
    cluster._client = Elsewhere()
    with pytest.raises(ClusterRefused, match=rf"tls://10.0.0.5:1: does not see {tmp_path}; the site's folder must lie"):
        cluster._refuse_strangers()
    assert list(tmp_path.iterdir()) == []


# -- parcels -----------------------------------------------------------------------------------------------------------


def add(world: int, items: list[int]) -> list[int]:
    """Add the world to each item."""
    return [world + item for item in items]


@pytest.mark.parametrize("failure", [CommClosedError("Stream is closed"), OSError("no answer")])
def test_a_worker_goes_while_it_is_asked(tmp_path: Path, failure: OSError) -> None:
    """Those that are left are used; what one of them says of itself still counts."""
    module = "generator.actions"
    cluster = Cluster("tcp://127.0.0.1:8786", tmp_path, module, False, print)
    answers: dict[str, object] = {"tcp://127.0.0.1:1": failure, "tcp://127.0.0.1:2": (needs(module), True)}
    cluster._client = SimpleNamespace(run=lambda *_, **__: answers)
    cluster._refuse_strangers()
    answers["tcp://127.0.0.1:3"] = (needs(module), False)
    with pytest.raises(ClusterRefused, match=r"1:3: does not see"):
        cluster._refuse_strangers()


def test_a_parcel_is_opened_once(tmp_path: Path) -> None:
    """A worker takes a world once, keeps it for all tasks, and takes the next one in its place."""
    with parcel_of(40, tmp_path, "generator.base.digest") as parcel:
        assert call_afar(parcel, add, [2]) == b"\x91\x2a"
    assert call_afar(parcel, add, [1]) == b"\x91\x29", "the file has gone, the world is held"
    with parcel_of(1, tmp_path, "generator.base.digest") as other:
        assert call_afar(other, add, [1]) == b"\x91\x02"
    with pytest.raises(ClusterRefused, match=r"does not see .*\.world; the site's folder must lie on a disk that all"):
        call_afar(parcel, add, [1])


def test_a_damaged_parcel_is_refused(tmp_path: Path) -> None:
    """Nothing is made of other bytes than were written."""
    with parcel_of(40, tmp_path, "generator.base.digest") as parcel:
        Path(parcel.file).write_bytes(b"other")
        with pytest.raises(ClusterRefused, match="has other bytes than were written"):
            call_afar(Parcel(*parcel), add, [2])


def test_a_shared_stage_holds_whole_files_only(tmp_path: Path) -> None:
    """A file that is put twice is there once; what was half written lies beside the stage, and goes with it."""
    stage = SharedStage(tmp_path / ".staging-1")
    stage.folder.mkdir()
    stage.put("news/a/index.html", b"a")
    stage.put("news/a/index.html", b"a")
    (tmp_path / ".staging-1-parts" / "half").write_bytes(b"h")
    assert stage.outputs() == {"news/a/index.html"}
    stage.remove()
    assert list(tmp_path.iterdir()) == []


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_workers_that_differ_are_refused(cluster: RealCluster, tmp_path: Path) -> None:
    """No worker, and one without our code, with other code or with several threads, are refused with the reason."""
    site = full_site(tmp_path / "site", 160)
    other = tmp_path / "other"
    shutil.copytree(REPOSITORY / "generator", other / "generator")
    (other / "generator" / "base" / "digest.py").open("a").write("\n# another version\n")
    (tmp_path / "none" / "generator").mkdir(parents=True)
    (tmp_path / "none" / "generator" / "__init__.py").touch()
    cluster.start_scheduler()
    done = run(site, "build", "--scheduler", cluster.address)
    assert (done.returncode, "has no workers; start some: `dask worker tcp://" in done.stderr) == (2, True)
    for said, path, threads in (
        ("has no Broadsheet of this version (", str(tmp_path / "none"), 1),
        ("would make other bytes: Broadsheet's code is ", str(other), 1),
        ("has 2 threads, which would wait for each other; start one process for each core", str(REPOSITORY), 2),
    ):
        cluster.start_worker(threads, PYTHONPATH=path)
        done = run(site, "build", "--scheduler", cluster.address)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        cluster.kill_worker()
    assert not site.output.exists() or not list(site.output.iterdir())


@pytest.mark.long
def test_killed_workers_lose_nothing(cluster: RealCluster, tmp_path: Path) -> None:
    """Workers killed at random instants, others in their place: the bytes are right, no picture is made again."""
    site = with_pictures(full_site(tmp_path / "site", 400), 30)
    clean = clean_tree(site, tmp_path / "clean")
    cluster.start(2)
    chance = random.Random(7)
    building = start_build(site, cluster)
    made: dict[str, int] = {}
    while building.poll() is None and len(cluster.workers) < 9:
        time.sleep(chance.uniform(0.5, 2))
        made |= variants(site)
        cluster.kill_worker()
        cluster.start_worker()
    assert_right(building, site, clean, made)


@pytest.mark.long
def test_all_workers_are_gone_for_ten_seconds(cluster: RealCluster, tmp_path: Path) -> None:
    """Without a worker this process goes on alone and says so; workers that come are taken in again."""
    site = with_pictures(full_site(tmp_path / "site", 20), 90)
    clean = clean_tree(site, tmp_path / "clean")
    cluster.start(2)
    building = start_build(site, cluster)
    wait_until(lambda: len(variants(site)) > 8)
    made = variants(site)
    cluster.kill_worker()
    cluster.kill_worker()
    time.sleep(10)
    cluster.start_worker()
    said = assert_right(building, site, clean, made)
    assert "is left: this process goes on alone; start some: `dask worker tcp://127.0.0.1:" in said


@pytest.mark.long
@pytest.mark.parametrize("returns", [True, False])
def test_the_scheduler_goes(cluster: RealCluster, tmp_path: Path, returns: bool) -> None:
    """Without its scheduler the build goes on alone; one that is started again in its place is used again."""
    site = with_pictures(full_site(tmp_path / "site", 20), 120)
    clean = clean_tree(site, tmp_path / "clean")
    cluster.start(2)
    building = start_build(site, cluster)
    wait_until(lambda: len(variants(site)) > 8)
    made = variants(site)
    cluster.kill_scheduler()
    time.sleep(2)
    if returns:
        cluster.start_scheduler()
        cluster.start_worker()
    said = assert_right(building, site, clean, made)
    assert "this process goes on alone" in said
    assert ("has workers again" in said) == returns


def assert_right(
    building: subprocess.Popen[str], site: SmallSite, clean: dict[str, bytes], made: dict[str, int]
) -> str:
    """Check that a build ends right and kept every picture that was `made` in its midst; return what it said."""
    out, said = building.communicate(timeout=600)
    assert building.returncode == 0, said
    assert json.loads(out)["errors"] == 0
    assert "Traceback" not in said
    assert tree(site.output) == clean
    after = variants(site)
    assert made
    assert {name for name, inode in made.items() if after[name] != inode} == set()
    return said
