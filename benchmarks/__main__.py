"""`./rapport bench [rpc log http importing memory …]`: measure, print, and write benchmarks/results.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from benchmarks import (
    board,
    bookings,
    bulk,
    converting,
    finding,
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
)
from benchmarks.results import Figure
from benchmarks.stage import CROWD, Stage, stage

SECTIONS: dict[str, tuple[str, Callable[[Stage], Sequence[Figure]]]] = {
    "memory": ("Memory at rest", memory.measure),
    "rpc": ("RPC through the chassis", lambda on: rpc.measure(on.env, on.folder, [on.servers["rabbitmq"]])),
    "log": ("Event log", lambda on: log.measure(on.env, on.folder)),
    "http": ("HTTP", http.measure),
    "finding": ("Finding", finding.measure),
    "segments": ("Segments", lambda on: segments.measure(on, contacts=on.crowd)),
    "rebuilding": ("Rebuilding", rebuilding.measure),
    "bookings": ("Bookings", bookings.measure),
    "board": ("Board", board.measure),
    "converting": ("Conversion", converting.measure),
    "renewals": ("Renewals", renewals.measure),
    "money": ("Money", money.measure),
    "bulk": ("Bulk actions", bulk.measure),
    "importing": ("Import", importing.measure),
}
"""In the order in which they are measured: what leaves listeners the most to digest comes last."""


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or all of it; only a whole run is written down. 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(prog="./rapport bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="section", help=f"some of {', '.join(SECTIONS)}; all when left out")
    parser.add_argument(
        "--crowd", type=int, default=CROWD, help=f"how many contacts are looked for, and segments of; {CROWD:,}"
    )
    asked = parser.parse_args(arguments)
    names = asked.names
    if unknown := set(names) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    found: dict[str, Sequence[Figure]] = {}
    with stage(asked.crowd) as on:
        for name in names or SECTIONS:
            title, measure = SECTIONS[name]
            on.calm()
            found[title] = measure(on)
            for figure in found[title]:
                print(figure.row(), flush=True)
    if not names:
        results.write(found, {"Finding": finding.READ, "Segments": segments.READ})
    return 0 if all(figure.holds for figures in found.values() for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
