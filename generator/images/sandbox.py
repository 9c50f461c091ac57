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
from generator.images.trouble import FetchFailed, Kind

if TYPE_CHECKING:  # Pillow: only in the process that is started
    from generator.images.originals import Draw

MEMORY = 400_000_000  # bytes of data that the process may have; the most that any good picture takes is 300 MB
PATIENCE = 60.0  # s for one picture
_LENGTH = struct.Struct("<I")
_MOST = 200_000_000  # bytes of an answer
_PACKAGE_HOME = Path(__file__).parents[2]
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
        process.stdin.write(_LENGTH.pack(len(job)) + job)
        await process.stdin.drain()
        (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
        if length > _MOST:
            raise EOFError
        answer: Done | Refused = _ANSWERS.decode(await process.stdout.readexactly(length))
        return answer


async def _start() -> asyncio.subprocess.Process:
    """Start a process that knows neither our secrets nor what we hold: a fork would count our memory as its own."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "generator.images.sandbox"),
        stdin=pipe,
        stdout=pipe,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_PACKAGE_HOME,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
    )


# -- there -------------------------------------------------------------------------------------------------------------


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Make originals of what comes until nothing more does."""
    from generator.images.originals import make_original

    draw = _drawing()
    _preload()
    _limit()
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
    """Return what draws SVGs here, None where nothing does, or where it could not be kept from reading files."""
    try:
        import resource  # noqa: F401  (a system without it has no limits)

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

    from generator.images.originals import make_original

    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    for kind, mode in _WARM_UP:
        out = BytesIO()
        Image.new(mode, (2, 2)).save(out, kind, exif=exif, icc_profile=profile)
        make_original(out.getvalue(), Box(1, 1), 4, None)


def _limit() -> None:
    """Give up the right to more memory, to open files and to connect: drawings may name files of this machine."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # what is open stays open, and it is all


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
