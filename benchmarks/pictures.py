"""Measure how fast pictures are made: Broadsheet, eleventy-img and Hugo in turn, in files that look equally good."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import PIL.Image
from corpus import BenchmarkError
from likeness import likeness, reference
from measure import all_files, seconds, tree_digest
from photos import photo
from resizers import FORMATS, WIDTHS, Files, Resizer, broadsheet, eleventy, hugo, versions
from sites import code_digest
from table import format_table

AIMS = {"eleventy-img": 0.6, "Hugo": 0.25}  # our time over theirs
MOST_BYTES = 1.1  # ours over theirs
TOLERANCE = 0.003  # of SSIM; a step of quality changes it as much
ALIKE_FROM = (
    640  # px: smaller ones eleventy-img makes worse, because it lets the decoder shrink them by more than we do
)
SAMPLES = 20  # photographs whose files are looked at
RAM_DISK = Path("/dev/shm")
TIMES_HEAD = ("", "time", "ratio", "aim", "", "processor time", "ratio", "again")
LOOKS_HEAD = ("", "SSIM, WebP", "SSIM, JPEG", "WebP", "JPEG", "bytes, ratio", "aim", "")


@dataclass(slots=True)
class Result:
    """What was measured of one tool. `likeness` and `size` are by format."""

    times: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)  # processor seconds
    again: float = 0.0
    likeness: dict[str, float] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)

    @property
    def time(self) -> float:
        """The median of all cold runs."""
        return statistics.median(self.times)

    @property
    def bytes(self) -> int:
        """All files together."""
        return sum(self.size.values())


def main() -> int:
    """Run the comparison and print its table."""
    options = read_options()
    place = str(RAM_DISK) if RAM_DISK.is_dir() else None
    try:
        with tempfile.TemporaryDirectory(prefix="broadsheet-bench-", dir=place) as folder:
            photos = make_photos(Path(folder) / "photos", options.photos)
            tools = [make(Path(folder) / make.__name__, photos) for make in (broadsheet, eleventy, hugo)]
            describe(options, photos)
            results = {tool.name: result for tool, result in zip(tools, compare(tools, photos, options), strict=True)}
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(format_table(times(results), TIMES_HEAD))
    print()
    print(format_table(looks(results), LOOKS_HEAD))
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="pictures.py", description=__doc__)
    parser.add_argument("photos", nargs="?", type=int, default=200, help="how many (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="timed runs of each (default: %(default)s)")
    options = parser.parse_args()
    if options.photos < 1 or options.rounds < 1:
        parser.error("at least 1 photograph and 1 round")
    return options


def make_photos(folder: Path, count: int) -> Path:
    """Write the photographs."""
    folder.mkdir()
    with ProcessPoolExecutor() as processes:
        for number, data in enumerate(processes.map(photo, range(count), chunksize=10)):
            (folder / f"photo-{number:04d}.jpg").write_bytes(data)
    return folder


def describe(options: argparse.Namespace, photos: Path) -> None:
    """Print what the numbers below were measured on."""
    size = sum(file.stat().st_size for file in photos.iterdir()) // options.photos // 1000
    others = ", ".join(f"{name} {version}" for name, version in versions().items())
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{options.photos} photographs of 1600×1067 ({size} KB each) to {len(WIDTHS)} widths as WebP and JPEG;"
        f" median (lowest–highest) of {options.rounds} rounds in turn, {os.cpu_count()} processors, load before {load};"
        f" Python {platform.python_version()}, Pillow {PIL.__version__}, {others}.\n"
    )


def compare(tools: list[Resizer], photos: Path, options: argparse.Namespace) -> list[Result]:
    """Time all in turn, each time from nothing; then once more with nothing to do; then look at what they made."""
    results = [Result() for _ in tools]
    code = code_digest()
    for _ in range(options.rounds):
        for tool, result in zip(tools, results, strict=True):
            tool.forget()
            before = processor_time()
            result.times.append(seconds(tool.command))
            result.work.append(processor_time() - before)
            print(f"{tool.name} {result.times[-1]:.1f} s, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
            check_files(tool, photos)
    for tool, result in zip(tools, results, strict=True):
        result.again = again(tool)
        judge(tool, photos, result)
    if code_digest() != code:
        raise BenchmarkError("generator/ or themes/ was edited during the comparison")
    expect_equal_looks(tools, results)
    return results


def processor_time() -> float:
    """Return what all processes that this one started and that have ended took of the processors, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check_files(tool: Resizer, photos: Path) -> None:
    """Expect every file of every photograph in its size and format, and no other."""
    wanted: set[Path] = set()
    for photo_file in photos.iterdir():
        files = tool.files(photo_file.stem)
        wanted.update(files.values())
        for (kind, width), path in files.items():
            with PIL.Image.open(path) as picture:
                if (picture.width, picture.format) != (width, {"webp": "WEBP", "jpg": "JPEG"}[kind]):
                    raise BenchmarkError(f"{tool.name}: {path.name} is {picture.format}, {picture.width} px wide")
    found = {Path(path) for path in all_files(tool.output) if path.endswith((".webp", ".jpg", ".jpeg"))}
    if found != wanted or len(wanted) != len(list(photos.iterdir())) * len(WIDTHS) * len(FORMATS):
        raise BenchmarkError(f"{tool.name} made {len(found)} pictures, of which {len(wanted)} are shown")


def again(tool: Resizer) -> float:
    """Run a tool a second time and return its seconds; where it is ours, expect that it makes no picture again."""
    before = tree_digest(tool.output), stamps(tool.output)
    time = seconds(tool.command)
    if tool.name == "Broadsheet" and (tree_digest(tool.output), stamps(tool.output)) != before:
        raise BenchmarkError("a second build made pictures again")
    return time


def stamps(folder: Path) -> dict[str, int]:
    """Return when each file below a folder was written last, in ns."""
    return {path: os.stat(path).st_mtime_ns for path in all_files(folder)}


def judge(tool: Resizer, photos: Path, result: Result) -> None:
    """Measure how large the files are, and how like the best way to make some of them."""
    originals = sorted(photos.iterdir())
    every = [tool.files(original.stem) for original in originals]
    step = max(1, len(originals) // SAMPLES)
    with ProcessPoolExecutor() as processes:
        pairs = list(processes.map(likenesses, originals[::step], every[::step]))
    for kind in FORMATS:
        paths = [path for files in every for (one, _), path in files.items() if one == kind]
        result.size[kind] = sum(path.stat().st_size for path in paths)
        result.likeness[kind] = statistics.mean(
            value for each in pairs for (one, width), value in each.items() if one == kind and width >= ALIKE_FROM
        )


def likenesses(original: Path, files: Files) -> dict[tuple[str, int], float]:
    """Return the likeness of each file made of a photograph."""
    with PIL.Image.open(original) as source:
        pixels = source.convert("RGB")
    found = {}
    for key, path in files.items():
        with PIL.Image.open(path) as picture:
            found[key] = likeness(reference(pixels, picture.size), picture)
    return found


def expect_equal_looks(tools: list[Resizer], results: list[Result]) -> None:
    """Expect that nobody is faster because what it makes looks worse, and that ours is not much larger."""
    ours = results[0]
    for tool, result in zip(tools[1:], results[1:], strict=True):
        for kind in FORMATS:
            if abs(ours.likeness[kind] - result.likeness[kind]) > TOLERANCE:
                raise BenchmarkError(
                    f"our {kind} has SSIM {ours.likeness[kind]:.4f}, that of {tool.name} {result.likeness[kind]:.4f}:"
                    " choose its quality anew in resizers.py"
                )


def times(results: dict[str, Result]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the table of times."""
    ours = results["Broadsheet"]
    for name, result in results.items():
        ratio, aim = ours.time / result.time, AIMS.get(name)
        work = statistics.median(ours.work) / statistics.median(result.work)
        compared = (f"{ratio:.2f}", f"≤ {aim}", "met" if ratio <= aim else "MISSED") if aim else ("", "", "")
        yield (
            name,
            _span(result.times),
            *compared,
            _span(result.work),
            f"{work:.2f}" if aim else "",
            f"{result.again:.2f} s",
        )


def looks(results: dict[str, Result]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the table of what was made."""
    ours = results["Broadsheet"]
    for name, result in results.items():
        ratio = ours.bytes / result.bytes
        likeness_cells = [f"{result.likeness[kind]:.4f}" for kind in FORMATS]
        size_cells = [f"{result.size[kind] / 1e6:.1f} MB" for kind in FORMATS]
        verdict = "met" if ratio <= MOST_BYTES else "MISSED"
        compared = ("", "", "") if result is ours else (f"{ratio:.2f}", f"≤ {MOST_BYTES}", verdict)
        yield (name, *likeness_cells, *size_cells, *compared)


def _span(values: list[float]) -> str:
    median = f"{statistics.median(values):.1f} s"
    return median if len(values) == 1 else f"{median} ({min(values):.1f}–{max(values):.1f})"


if __name__ == "__main__":
    sys.exit(main())
