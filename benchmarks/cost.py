"""What work costs: CPU seconds and broker messages a thousand requests, and a thousand events, in each process."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa

from benchmarks.http import Client
from benchmarks.measuring import cpu_seconds
from benchmarks.memory import sizes_of
from benchmarks.results import Figure
from benchmarks.stage import LOOK_SECONDS, Stage
from chassis.config import SERVICES, settings
from chassis.ids import new_id

CALLS = 1000
CALLERS = 4
RESTING_SECONDS = 5.0
READ = """
CPU seconds of all processes, less what they use at rest; the remark says of which. A message counts once when the
broker takes it and once for each time that it hands it over from a queue, which answers to calls do not pass.
"""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Cost:
    """What was used by something: CPU seconds by process, and messages at the broker."""

    cpu: dict[str, float]
    messages: int

    def figure(self, name: str, count: float, more: str = "") -> Figure:
        """The cost of a thousand, when so many were done."""
        each = {process: used * 1000 / count for process, used in self.cpu.items()}
        parts = [f"{process} {used:.2f}" for process, used in sorted(each.items(), key=lambda one: -one[1])]
        remark = ", ".join(part for part in parts if not part.endswith(" 0.00"))
        said = f"{remark}; {self.messages * 1000 / count:,.0f} messages{more}"
        return Figure(name, sum(each.values()), None, said)


def measure(on: Stage, calls: int = CALLS) -> list[Figure]:
    """Read contacts, enter contacts, tag contacts; then see what memory all of that took."""
    resting = _resting(on)
    before = sum(sizes_of(on).values())
    clients = clients_of(on, CALLERS)
    people = [enter_a_lead(clients[0]) for _ in range(20)]
    on.calm()

    def costs_of(do: Callable[[Client], object], count: int) -> tuple[Cost, int]:
        return _cost(on, resting, lambda: _share(clients, do, count))

    whose = itertools.cycle(people)
    read, _ = costs_of(lambda client: client.ask("GET", f"/v1/contacts/{next(whose)}"), calls)
    listed, _ = costs_of(lambda client: client.ask("GET", "/v1/contacts?limit=50"), calls // 4)
    held = _stored()
    entered, told = costs_of(enter_a_lead, calls // 2)
    held = _stored() - held
    selection = {"filter": {"rules": [{"field": "first_name", "operator": "=", "value": "Costly"}]}}
    wanted = {"action": "add_tags", "selection": selection, "parameters": {"tags": ["Measured"]}}
    tagged, news = _cost(on, resting, lambda: clients[0].ask("POST", "/v1/bulk", wanted))
    after = sum(sizes_of(on).values())
    return [
        read.figure("1,000 times GET a contact, CPU seconds", calls),
        listed.figure("1,000 times GET a page of 50 contacts, CPU seconds", calls // 4),
        entered.figure("1,000 times POST a contact and all that follows, CPU seconds", calls // 2,
                       f", {told * 1000 / (calls // 2):,.0f} events"),
        tagged.figure("1,000 events told and heard by all who listen, CPU seconds", news, f"; {news:,} by a bulk tag"),
        Figure("KiB in all databases a contact entered so", held / 1024 / (calls // 2), None, ""),
        Figure("memory of the house after this, beside at rest", after / before, None,
               f"{after:.0f} MiB beside {before:.0f}"),
    ]  # fmt: skip


def clients_of(on: Stage, count: int) -> list[Client]:
    """So many connections to the gateway, signed in as one."""
    assert on.house.gateway_port is not None
    first = Client(on.house.gateway_port)
    return [first, *(Client(on.house.gateway_port, first.token) for _ in range(count - 1))]


def enter_a_lead(client: Client) -> str:
    """Enter somebody whom there is not yet, and give their id."""
    name = f"{next(_numbers)}-{new_id()}"
    lead = {"kind": "person", "enter_as": "lead", "first_name": "Costly", "last_name": name,
            "emails": [{"value": f"{name}@example.com"}], "assigned_to": _me(client)}  # fmt: skip
    return client.ask("POST", "/v1/contacts", lead)["id"]


_known: dict[str, str] = {}


def _me(client: Client) -> str:
    if client.token not in _known:
        _known[client.token] = client.ask("GET", "/v1/me")["id"]
    return _known[client.token]


def _share(clients: Sequence[Client], do: Callable[[Client], object], count: int) -> None:
    def loop(client: Client) -> None:
        for _ in range(count // len(clients)):
            do(client)

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(loop, clients))


def _resting(on: Stage) -> dict[str, float]:
    """CPU seconds a second of each process that has nothing to do."""
    on.calm()
    before, began = _used(on), time.monotonic()
    time.sleep(RESTING_SECONDS)
    seconds = time.monotonic() - began
    return {name: (used - before[name]) / seconds for name, used in _used(on).items()}


def _cost(on: Stage, resting: dict[str, float], do: Callable[[], object]) -> tuple[Cost, int]:
    """What doing this costs until everybody has digested it, and how many events it told."""
    events, messages, before, began = _events(), _messages(on), _used(on), time.monotonic()
    do()
    time.sleep(LOOK_SECONDS)  # a job begins a moment later
    on.calm()
    seconds = time.monotonic() - began
    cpu = {name: max(0.0, used - before[name] - resting[name] * seconds) for name, used in _used(on).items()}
    return Cost(cpu, _messages(on) - messages), _events() - events


def _used(on: Stage) -> dict[str, float]:
    return {name: cpu_seconds([pid]) for name, pid in on.pids.items()}


def _messages(on: Stage) -> int:
    told = on.broker.evaluate("rabbit_global_counters:overview().")
    return sum(map(int, re.findall(r"messages_(?:received|delivered)_total\s*=>\s*(\d+)", told)))


def _events() -> int:
    return _sum_of("SELECT assigned FROM relay")


def _stored() -> int:
    return _sum_of("SELECT pg_database_size(current_database())")


def _sum_of(question: str) -> int:
    """What all databases together answer."""
    total = 0
    for service in SERVICES:
        engine = sa.create_engine(settings().database_url_of(service), poolclass=sa.NullPool)
        with engine.connect() as connection:
            total += connection.exec_driver_sql(question).scalar_one()
    return total
