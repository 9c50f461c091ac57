"""sandbox: hostile pictures break a process, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_pictures import RED, flat, laid, png, swapped_profile

from generator.base.imaging import Box
from generator.images.fetch.originals import make_original
from generator.images.fetch.sandbox import Done, Sandbox
from generator.network.trouble import FetchFailed

# What the package asks of Python when it is imported, and pytest takes back for each test.
pytestmark = pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning", "ignore::UserWarning:PIL")
BOX = Box(30, 20)
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 20 10">'
DRAWING = f'{HEAD}<rect width="20" height="10" fill="#0f0"/></svg>'.encode()
EVERYTHING = [
    *(laid((60, 40), turn, kind) for turn in (1, 6) for kind in ("JPEG", "PNG", "WEBP", "AVIF")),
    *(flat("RGBA", (60, 40), (*RED, 90), kind) for kind in ("PNG", "WEBP", "AVIF")),
    *(flat("P", (60, 40), 1, kind, transparency=1) for kind in ("PNG", "GIF")),
    *(flat(mode, (60, 40), 99, "PNG") for mode in ("L", "1", "I;16", "LA")),
    *(flat("RGB", (60, 40), RED, kind, icc_profile=swapped_profile()) for kind in ("JPEG", "PNG", "WEBP")),
    flat("CMYK", (60, 40), (0, 255, 255, 0), "JPEG"),
    flat("RGB", (60, 40), RED, "JPEG", progressive=True, comment=b"x" * 99, xmp=b"<x/>"),
    flat("RGB", (60, 40), RED, "MPO"),
    png(60, 40, 16, 6, (b"\0" + b"\xff\xff\x80\x00\x00\x00\x80\x00" * 60) * 40),
]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """Give a loop for the tests of this file."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def sandbox(runner: asyncio.Runner) -> Iterator[Sandbox]:
    """Give one sandbox for all."""
    sandbox = Sandbox()
    yield sandbox
    runner.run(sandbox.close())


def test_the_answers_are_those_of_this_process(runner: asyncio.Runner, sandbox: Sandbox) -> None:
    """What is imported late is there before the limits are: every kind gives the same bytes there as here."""
    for data in EVERYTHING:
        here = make_original(data, BOX, 25_000_000, None)
        assert runner.run(sandbox.make(data, BOX, 25_000_000)) == Done(*here)


def test_refusals_come_through(runner: asyncio.Runner, sandbox: Sandbox) -> None:
    """With kind and sentence, and the process goes on."""
    process = sandbox._process
    with pytest.raises(FetchFailed, match="the file is empty") as caught:
        runner.run(sandbox.make(b"", BOX, 25_000_000))
    assert caught.value.kind == "content"
    with pytest.raises(FetchFailed, match="more than 25,000,000 pixels"):
        runner.run(sandbox.make(png(30_000, 30_000, 8, 2, b""), BOX, 25_000_000))
    assert runner.run(sandbox.make(EVERYTHING[0], BOX, 25_000_000))
    assert sandbox._process is process or process is None


def test_a_drawing_is_drawn(runner: asyncio.Runner, sandbox: Sandbox) -> None:
    """As large as the box wants it."""
    image = runner.run(sandbox.make(DRAWING, BOX, 25_000_000)).image
    assert (image.width, image.height, image.format, image.transparent) == (40, 20, "PNG", False)


@pytest.mark.parametrize("place", ["{}", "file://{}"])
def test_a_drawing_cannot_show_files_of_this_machine(
    runner: asyncio.Runner, sandbox: Sandbox, tmp_path: Path, place: str
) -> None:
    """A path that a drawing names is not opened: the drawing comes out as if there were nothing."""
    (tmp_path / "private.png").write_bytes(flat("RGB", (20, 10), RED, "PNG"))
    href = place.format(tmp_path / "private.png")
    for attribute in ("href", "xlink:href"):
        stealing = DRAWING.replace(b"</svg>", f'<image {attribute}="{href}" width="20" height="10"/></svg>'.encode())
        made = runner.run(sandbox.make(stealing, BOX, 25_000_000))
        assert made == runner.run(sandbox.make(DRAWING, BOX, 25_000_000))


def test_a_process_that_dies_is_replaced(runner: asyncio.Runner, sandbox: Sandbox) -> None:
    """A drawing that asks for gigabytes ends the process; the picture is refused and the next one is made."""
    pattern = '<pattern id="p" width="30000" height="30000" patternUnits="userSpaceOnUse"><rect width="9" height="9"/>'
    bomb = f'{HEAD}{pattern}</pattern><rect width="60000" height="60000" fill="url(#p)"/></svg>'.encode()
    with pytest.raises(FetchFailed, match="takes more memory or time than a picture may"):
        runner.run(sandbox.make(bomb, BOX, 25_000_000))
    assert runner.run(sandbox.make(DRAWING, BOX, 25_000_000))


def test_a_process_that_hangs_is_replaced(
    runner: asyncio.Runner, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture has so much time and no more."""
    assert runner.run(sandbox.make(DRAWING, BOX, 25_000_000))
    assert sandbox._process
    os.kill(sandbox._process.pid, signal.SIGSTOP)
    monkeypatch.setattr("generator.images.fetch.sandbox.PATIENCE", 0.1)
    with pytest.raises(FetchFailed, match="takes more memory or time than a picture may"):
        runner.run(sandbox.make(DRAWING, BOX, 25_000_000))
    monkeypatch.undo()
    assert runner.run(sandbox.make(DRAWING, BOX, 25_000_000))


def test_a_process_that_does_not_start_is_no_fault_of_the_pictures(
    runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged installation refuses no picture for good: they are asked for again soon."""
    monkeypatch.setattr("generator.images.fetch.sandbox.sys.executable", "/bin/true")
    with pytest.raises(FetchFailed, match="the process that looks at pictures does not start") as caught:
        runner.run(Sandbox().make(DRAWING, BOX, 25_000_000))
    assert caught.value.kind == "server"


def test_a_process_knows_no_secrets(runner: asyncio.Runner, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a build often holds tokens; a process that looks at hostile bytes gets none of it."""
    monkeypatch.setenv("DEPLOY_TOKEN", "s3cret")
    runner.run(sandbox.close())
    runner.run(sandbox.make(DRAWING, BOX, 25_000_000))
    assert sandbox._process
    assert b"s3cret" not in Path(f"/proc/{sandbox._process.pid}/environ").read_bytes()


def test_a_process_ends_with_its_build() -> None:
    """When a `kill -9` ends the build, its pipes close, and the process with them."""
    script = (
        "import asyncio, os, signal\n"
        "from generator.base.imaging import Box\n"
        "from generator.images.fetch.sandbox import Sandbox\n"
        "async def main():\n"
        "    sandbox = Sandbox()\n"
        f"    await sandbox.make({DRAWING!r}, Box(30, 20), 1000)\n"
        "    print(sandbox._process.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=30)
    pid = int(done.stdout)
    for _ in range(100):
        if not _is_alive(pid):
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("it lives on")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()
