"""Memory at work: how much each process of the house takes under a steady load, and whether it keeps growing.

The load is the same all the time and far from what the machine could do: so many requests a second, reads and writes,
and all that follows them. The first fifth of the time is not looked at: pools and caches fill. Of the rest it is told
what grew from its beginning to its end, by the median of the slopes between any two looks: neither a moment's work nor
a collection of garbage moves it.
"""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.cost import clients_of, enter_a_lead
from benchmarks.http import Client
from benchmarks.memory import sizes_of
from benchmarks.results import Figure
from benchmarks.stage import Stage

CALLERS = 4
A_SECOND = 40
EVERY_SECONDS = 2.5
SETTLING = 0.2
FLAT = 1.03
READ = """
What each process (proportional set size) is at the end of a steady load beside what it was when a fifth of the time had
passed, by the median slope between; at most 3 % more is called flat.
"""


@dataclass
class Sizes:
    """What one process took: MiB at rest, and at moments (in seconds) under load."""

    resting: float = 0.0
    looks: list[tuple[float, float]] = field(default_factory=list)

    def growth(self) -> float:
        """The end beside the beginning, by the median slope."""
        slopes = [(b - a) / (t - s) for (s, a), (t, b) in itertools.combinations(self.looks, 2)]
        grown = statistics.median(slopes) * (self.looks[-1][0] - self.looks[0][0])
        middle = statistics.median(size for _, size in self.looks)
        return (middle + grown / 2) / (middle - grown / 2)


def measure(on: Stage, seconds: float) -> list[Figure]:
    """Keep the load on for so long, look at every process, and say what grew."""
    found = {name: Sizes(resting=size) for name, size in sizes_of(on).items()}
    began = time.monotonic()
    with _load(on) as done:
        while (at := time.monotonic() - began) < seconds:
            if at >= SETTLING * seconds:
                for name, size in sizes_of(on).items():
                    found.setdefault(name, Sizes()).looks.append((at, size))
            time.sleep(EVERY_SECONDS)
    looks = max(len(one.looks) for one in found.values())
    stayed = {name: one for name, one in found.items() if len(one.looks) == looks}
    span = f"minute {SETTLING * seconds / 60:.1f} to {seconds / 60:.1f}"
    figures = [_figure(f"{name}, {span}", one) for name, one in sorted(stayed.items())]
    return [*figures, _all(f"all processes of the house, {span}", list(stayed.values()), len(done) / seconds)]


def _figure(name: str, one: Sizes) -> Figure:
    sizes = [size for _, size in one.looks]
    remark = f"MiB: at rest {one.resting:.0f}, under load {statistics.median(sizes):.0f}, at most {max(sizes):.0f}"
    return Figure(name, one.growth(), FLAT, remark, at_most=True)


def _all(name: str, each: Sequence[Sizes], rate: float) -> Figure:
    together = Sizes(sum(one.resting for one in each))
    for looks in zip(*(one.looks for one in each), strict=True):
        together.looks.append((looks[0][0], sum(size for _, size in looks)))
    figure = _figure(name, together)
    return Figure(name, figure.value, FLAT, f"{figure.remark}; {rate:.0f} requests/s", at_most=True)


@contextmanager
def _load(on: Stage) -> Iterator[list[float]]:
    """Reads and writes at an even pace until the block ends; when each was answered."""
    done: list[float] = []
    clients, enough = clients_of(on, CALLERS), threading.Event()
    people = [enter_a_lead(clients[0]) for _ in range(20)]
    with ThreadPoolExecutor(CALLERS) as pool:
        loops = [pool.submit(_keep_asking, client, people, done, enough) for client in clients]
        try:
            yield done
        finally:
            enough.set()
    for loop in loops:
        loop.result()


def _keep_asking(client: Client, people: Sequence[str], done: list[float], enough: threading.Event) -> None:
    due, whose = time.monotonic(), itertools.cycle(people)
    for turn in itertools.count():
        due += CALLERS / A_SECOND
        if enough.wait(max(0.0, due - time.monotonic())):
            return
        _ask(client, turn, next(whose))
        done.append(time.monotonic())


def _ask(client: Client, turn: int, contact_id: str) -> None:
    """Of eight requests four read a contact, two a page, one enters somebody and one writes a note."""
    match turn % 8:
        case 0:
            enter_a_lead(client)
        case 4:
            client.ask("POST", f"/v1/contacts/{contact_id}/notes", {"text": f"Note {turn}"})
        case 2 | 6:
            client.ask("GET", "/v1/contacts?limit=50")
        case _:
            client.ask("GET", f"/v1/contacts/{contact_id}")
