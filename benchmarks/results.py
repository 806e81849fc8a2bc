"""What a benchmark found: figures, each a ratio with its bound, and the page that keeps them."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent / "results.md"


@dataclass(frozen=True)
class Figure:
    """One ratio, what it should be at least (or at most), and the absolute value behind it as a remark."""

    name: str
    value: float
    bound: float | None
    remark: str = ""
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the bound is kept; without one, yes."""
        return self.bound is None or (self.value <= self.bound if self.at_most else self.value >= self.bound)

    def row(self) -> str:
        """A line of the table."""
        sign = "≤" if self.at_most else "≥"
        bound = "" if self.bound is None else f"{sign} {self.bound:g}"
        verdict = "" if self.bound is None else ("yes" if self.holds else "**no**")
        return f"| {self.name} | {self.value:.2f} | {bound} | {verdict} | {self.remark} |"


def machine() -> str:
    """What the figures were measured on."""
    with open("/proc/meminfo") as lines:
        memory = int(lines.readline().split()[1]) / 1024 / 1024
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def write(page: Path, command: str, sections: dict[str, Sequence[Figure]], read: Mapping[str, str]) -> str:
    """Write the page anew, and give its text; `read` says how the figures of a section are to be read."""
    lines = [
        "# Figures",
        "",
        f"Measured by `{command}` on {dt.datetime.now(dt.UTC).date().isoformat()}; {machine()}.",
        "Ratios within one run: absolute values on a shared machine say little.",
    ]
    for title, figures in sections.items():
        lines += [
            "",
            f"## {title}",
            *read.get(title, "").splitlines(),
            "",
            "| figure | ratio | bound | holds | remark |",
            "|---|---|---|---|---|",
        ]
        lines += [figure.row() for figure in figures]
    text = "\n".join(lines) + "\n"
    page.write_text(text)
    return text
