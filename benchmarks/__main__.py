"""`./rapport bench [rpc log http importing memory …]`: measure, print, and write benchmarks/results.md.

`./rapport bench finding segments --crowd 1000000 --into benchmarks/million.md` writes what a million contacts cost.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    board,
    bookings,
    bulk,
    converting,
    cost,
    digesting,
    finding,
    growth,
    http,
    importing,
    log,
    memory,
    money,
    rebuilding,
    renewals,
    results,
    rpc,
    segments,
    tracing,
)
from benchmarks.results import Figure
from benchmarks.stage import CROWD, MINUTES, Stage, stage

SECTIONS: dict[str, tuple[str, Callable[[Stage], Sequence[Figure]]]] = {
    "memory": ("Memory at rest", memory.measure),
    "rpc": ("RPC through the chassis", lambda on: rpc.measure(on.env, on.folder, [on.servers["rabbitmq"]])),
    "log": ("Event log", lambda on: log.measure(on.env, on.folder)),
    "http": ("HTTP", http.measure),
    "tracing": ("Traces", tracing.measure),
    "cost": ("Cost", cost.measure),
    "finding": ("Finding", finding.measure),
    "segments": ("Segments", lambda on: segments.measure(on, contacts=on.crowd)),
    "rebuilding": ("Rebuilding", rebuilding.measure),
    "bookings": ("Bookings", bookings.measure),
    "board": ("Board", board.measure),
    "converting": ("Conversion", converting.measure),
    "renewals": ("Renewals", renewals.measure),
    "money": ("Money", money.measure),
    "bulk": ("Bulk actions", bulk.measure),
    "digesting": ("Digestion", digesting.measure),
    "importing": ("Import", lambda on: importing.measure(on, rows=on.crowd)),
    "growth": ("Growth", lambda on: growth.measure(on, seconds=on.minutes * 60)),
}
"""In the order in which they are measured: what leaves listeners the most to digest comes last, and
after that what takes minutes."""

READ = {"Cost": cost.READ, "Growth": growth.READ, "Finding": finding.READ, "Segments": segments.READ}
"""How the figures of a section are to be read."""


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or all of it, and write a whole run down, and some of it where asked.

    1 when a bound is not kept.
    """
    parser = argparse.ArgumentParser(prog="./rapport bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="section", help=f"some of {', '.join(SECTIONS)}; all when left out")
    parser.add_argument(
        "--crowd", type=int, default=CROWD, help=f"contacts looked for, imported, and segments of; {CROWD:,}"
    )
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long growth is looked for; %(default)s")
    parser.add_argument("--into", type=Path, help="the page to write what was measured to")
    asked = parser.parse_args(arguments)
    names = asked.names
    if unknown := set(names) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    found: dict[str, Sequence[Figure]] = {}
    with stage(asked.crowd, asked.minutes) as on:
        for name in names or SECTIONS:
            title, measure = SECTIONS[name]
            on.calm()
            found[title] = measure(on)
            for figure in found[title]:
                print(figure.row(), flush=True)
    page = asked.into or (results.PAGE if not names else None)
    if page:
        command = " ".join(("./rapport bench", *arguments))
        results.write(page, command, found, READ)
    return 0 if all(figure.holds for figures in found.values() for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
