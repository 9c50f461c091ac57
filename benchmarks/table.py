"""The table of results: medians with their range, our ratio to Hugo's, and the aim."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

HEAD = ("case", "Broadsheet", "Hugo", "ratio", "aim", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A case's measurements of both, in one unit. `aim` is the highest good ratio; None = only for comparison."""

    case: str
    ours: tuple[float, ...]
    other: tuple[float, ...]
    unit: str
    aim: float | None = None

    @property
    def ratio(self) -> float:
        """Our median over the other's."""
        return statistics.median(self.ours) / statistics.median(self.other)

    @property
    def verdict(self) -> str:
        """Whether the aim is met."""
        if self.aim is None:
            return ""
        return "met" if self.ratio <= self.aim else "MISSED"

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        aim = "" if self.aim is None else f"≤ {_ratio(self.aim)}"
        spans = (_span(self.ours, self.unit), _span(self.other, self.unit))
        return (self.case, *spans, _ratio(self.ratio), aim, self.verdict)

    def record(self) -> dict[str, object]:
        """Return the row as the JSON file holds it."""
        return {
            "case": self.case,
            "unit": self.unit,
            "broadsheet": self.ours,
            "hugo": self.other,
            "ratio": self.ratio,
            "aim": self.aim,
            "verdict": self.verdict,
        }


def format_table(rows: Iterable[tuple[str, ...]], head: tuple[str, ...] = HEAD) -> str:
    """Return rows as a Markdown table whose columns are aligned."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    return "\n".join([texts[0], "| " + " | ".join("-" * width for width in widths) + " |", *texts[1:]])


def _span(values: tuple[float, ...], unit: str) -> str:
    digits = 0 if unit == "MB" else 3
    median = f"{statistics.median(values):.{digits}f} {unit}"
    return median if len(values) == 1 else f"{median} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def _ratio(ratio: float) -> str:
    return f"1/{1 / ratio:.3g}" if ratio < 0.2 else f"{ratio:.2f}"
