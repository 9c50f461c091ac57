"""Sandbox: a process under limits that makes originals: all that a hostile picture can break is it."""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from generator.base.imaging import Box, Image
from generator.base.record import Record
from generator.network.trouble import FetchFailed, Kind

if TYPE_CHECKING:  # Pillow: only in the process that is started
    from generator.images.fetch.originals import Draw

MEMORY = 400_000_000  # bytes of data that the process may have; the most that any good picture takes is 300 MB
PATIENCE = 60.0  # s for one picture
_LENGTH = struct.Struct("<I")
_READY = b"+"
_MOST = 200_000_000  # bytes of an answer
_PACKAGE_HOME = Path(__file__).parents[3]
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")


class Job(Record, frozen=True):
    """What a process is sent."""

    data: bytes
    box: Box
    max_pixels: int


class Done(Record, frozen=True, tag="done"):
    """A picture as it is kept."""

    data: bytes
    image: Image
    cut: Box | None


class Refused(Record, frozen=True, tag="refused"):
    """Why a file is none."""

    kind: Kind
    why: str


_JOBS = msgspec.msgpack.Decoder(Job)
_ANSWERS = msgspec.msgpack.Decoder(Done | Refused)


_WARM_UP = (("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("GIF", "P"), ("WEBP", "RGBA"), ("AVIF", "RGB"))


# -- here --------------------------------------------------------------------------------------------------------------


class Sandbox:
    """Makes originals one after another in a process of its own; one that dies or hangs is replaced."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def make(self, data: bytes, box: Box, max_pixels: int) -> Done:
        """Return the picture that is kept of a file.

        Raises:
            FetchFailed: it is no picture, or none that can be made under the limits.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._ask(msgspec.msgpack.encode(Job(data, box, max_pixels)))
        except (TimeoutError, EOFError, OSError, msgspec.MsgspecError):
            await self.close()
            raise FetchFailed("content", "the picture takes more memory or time than a picture may") from None
        except BaseException:  # the build's time is over: the process is in the middle of something
            await self.close()
            raise
        if isinstance(answer, Refused):
            raise FetchFailed(answer.kind, answer.why)
        return answer

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ask(self, job: bytes) -> Done | Refused:
        process = self._process = self._process or await _start()
        assert process.stdin
        assert process.stdout
        process.stdin.write(_LENGTH.pack(len(job)))
        process.stdin.write(job)
        await process.stdin.drain()
        (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
        if length > _MOST:
            raise EOFError
        answer: Done | Refused = _ANSWERS.decode(await process.stdout.readexactly(length))
        return answer


async def _start() -> asyncio.subprocess.Process:
    """Start a process that knows neither our secrets nor what we hold: a fork would count our memory as its own."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "generator.images.fetch.sandbox"),
        stdin=pipe,
        stdout=pipe,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_PACKAGE_HOME,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
    )
    assert process.stdout
    if await process.stdout.read(len(_READY)) != _READY:  # that is no fault of the picture's
        raise FetchFailed("server", "the process that looks at pictures does not start")
    return process


# -- there -------------------------------------------------------------------------------------------------------------


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Make originals of what comes until nothing more does."""
    from generator.images.fetch.originals import make_original

    draw = _drawing()
    _preload()
    draw = draw if _limit() else None  # drawings may name files of this machine
    sink.write(_READY)
    sink.flush()
    while head := source.read(_LENGTH.size):
        job = _JOBS.decode(source.read(*_LENGTH.unpack(head)))
        try:
            made = make_original(job.data, job.box, job.max_pixels, draw)
            answer: Done | Refused = Done(made.data, made.image, made.cut)
        except FetchFailed as failure:
            answer = Refused(failure.kind, failure.why)
        except MemoryError:
            answer = Refused("content", "the picture takes more memory or time than a picture may")
        encoded = msgspec.msgpack.encode(answer)
        sink.write(_LENGTH.pack(len(encoded)) + encoded)
        sink.flush()


def _drawing() -> Draw | None:
    """Return what draws SVGs, None where the library that does is not installed."""
    try:
        import resvg_py
    except ImportError:
        return None

    def draw(data: bytes, width: int, height: int) -> bytes:
        text = data.decode("utf-8", "replace").removeprefix("\ufeff")
        return bytes(resvg_py.svg_to_bytes(svg_string=text, width=width, height=height, skip_system_fonts=True))

    return draw


def _preload() -> None:
    """Make an original of each kind once: after this no file can be opened, so what is imported late must be there."""
    from io import BytesIO

    from PIL import Image, ImageCms

    from generator.images.fetch.originals import make_original

    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    for kind, mode in _WARM_UP:
        out = BytesIO()
        with suppress(KeyError, OSError, FetchFailed):  # a kind that this Pillow does not know
            Image.new(mode, (2, 2)).save(out, kind, exif=exif, icc_profile=profile)
            make_original(out.getvalue(), Box(1, 1), 4, None)


def _limit() -> bool:
    """Give up the right to more memory, to open files and to connect; return whether the system took it."""
    try:
        import resource
    except ImportError:  # a system without limits: pixels are counted before they are decoded all the same
        return False
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # what is open stays open, and it is all
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
