"""Every field of the filter language with each of its operators, and in each order, among very many: what is touched.

`python -m benchmarks.walking --crowd 1000000 [--most 20000] [--keep URL]` prints for each the pages of 8 KiB that
PostgreSQL touched and the milliseconds of the first page of a list, and of one in the middle. Pages touched are the
same on a machine that is busy. What touches more than `--most` is marked, and what was stopped and gathered.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field as fresh
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from benchmarks.crowd import make_crowd
from benchmarks.filling import fill
from benchmarks.stage import stage
from benchmarks.straight import Straight
from chassis.actor import Actor
from chassis.config import settings
from chassis.ids import new_id
from chassis.pages import cursor_after
from chassis.work import Work
from contracts.contacts.finding import SORTS, search_contacts
from contracts.errors import Invalid
from services.contacts.finding.queries.describing import list_filter_fields
from services.contacts.finding.queries.fields import contacts, facts
from services.contacts.finding.queries.listing import list_contacts
from services.contacts.finding.queries.sorting import order_of

AT_ONCE = 50_000
DEADLINE = 5.0
OWNER = Actor(new_id(), "owner", "Olive Owner")
ORDERS = [*SORTS, *(f"-{sort}" for sort in SORTS)]
VALUES: dict[str, Any] = {
    "kind": "person", "gender": "female", "source": "Flyer", "location": "Wien", "lifecycle": "lead", "tags": "vip",
    "groups": "Long", "segments": "Long", "first_name": "Ada", "last_name": "Barbarbar",
    "display_name": "Ada Barbarbar",
    "email": "ada.barbarbar.0@example.org", "phone": "+49150000007907", "address_city": "Riga", "address_country": "DE",
    "address_street": "barbarbarbar street 0", "address_postal_code": "10007", "membership": "Gold",
    "external_system": "elsewhere", "external_id": "7", "company_role": "Trainer", "lifetime_value": 149_000,
    "membership_number": "7000007", "assigned_to": "01900000-0000-7000-8000-00000000aaaa", "dues": 500,
    "preferred_contact_method": "sms", "club_access": "riga", "website": "https://barbarbarbar",
    "fields.text": "Barbarbarbar", "fields.choice": "left", "address_label": "home", "subscription_state": "paused",
}  # fmt: skip
BY_TYPE: dict[str, Any] = {
    "text": "ban", "choice": None, "set": "none such", "number": 3, "age": 30, "yes_no": True, "date": "2026-11-01",
    "moment": "2026-11-01", "birthday": "1980-11-01", "tally": None,
}  # fmt: skip


@dataclass
class Seen:
    """The statements of a call, for EXPLAIN."""

    statements: list[tuple[str, Any]] = fresh(default_factory=list)

    def __call__(self, _c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        self.statements.append((statement.rpartition("statement_timeout=")[2].partition(";")[2], parameters))


class Walker:
    """Asks as the service does, and has the last statement explained."""

    def __init__(self, straight: Straight) -> None:
        self._straight, self._seen = straight, Seen()
        sa.event.listen(straight.engine, "before_cursor_execute", self._seen)
        self._takes = straight.schema(search_contacts.takes)
        self._middles: dict[str, str] = {}

    def fields(self) -> list[dict[str, Any]]:
        with self._work() as work:
            return list_filter_fields(work, None)["items"]

    def _work(self) -> Work:
        ends = time.monotonic() + DEADLINE
        return Work(self._straight, actor=OWNER, reading=True, ends=ends)  # type: ignore[arg-type]

    def page(self, rule: dict[str, Any], sort: str, cursor: str | None) -> str:
        """What it costs: pages touched and milliseconds, or why not."""
        asked = {"filter": {"rules": [rule]}, "sort": sort, "limit": 50} | ({"cursor": cursor} if cursor else {})
        self._seen.statements.clear()
        started = time.perf_counter()
        try:
            with self._work() as work:
                list_contacts(work, self._takes.load(asked))
        except Invalid as refusal:
            return f"refused: {refusal.detail[:40]}"
        took = (time.perf_counter() - started) * 1000
        gathered = sum(bool(statement) for statement, _ in self._seen.statements) > 1
        try:
            touched = self._touched()
        except DBAPIError:
            return f"refused to be explained within a minute, {took:,.0f} ms"
        return f"{touched:>9,} {took:>7,.0f}" + (" gathered" if gathered else "")

    def _touched(self) -> int:
        statement, parameters = self._seen.statements[-1]
        with self._straight.reading_engine.connect() as connection:
            explained = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}"
            plan = connection.exec_driver_sql(explained, parameters).scalar_one()[0]["Plan"]
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]

    def middle(self, sort: str) -> str:
        """The cursor of the page in the middle of the list."""
        if sort not in self._middles:
            order = order_of(sort)
            listed = facts if order.of_facts else contacts
            number = sa.select(sa.func.count() // 2).select_from(listed)
            keys = [getattr(key, "element", key) for key in order.keys]
            with self._straight.reading_engine.connect() as connection:
                place = connection.scalar(number)
                row = connection.execute(sa.select(*keys).order_by(*order.keys).offset(place).limit(1)).one()
            self._middles[sort] = cursor_after(order.keys, row)
        return self._middles[sort]


def _value(field: dict[str, Any], takes: str, kind: str) -> Any:
    one = VALUES.get(field["name"], BY_TYPE.get(kind))
    if field.get("values") and one is None:
        one = field["values"][0]["name"]
    match takes:
        case "nothing":
            return None
        case "several":
            return [one]
        case "two":
            return [one, one]
        case "stretch":
            return {"n": 7, "unit": "day"}
        case "tally":
            return {"count": 3, "n": 30, "unit": "day"}
    return one


def walk(straight: Straight, most: int, orders: list[str]) -> Iterator[str]:
    """A line for each field and operator, the newest first; and for each field and order, with its first operator."""
    walker = Walker(straight)
    for field in walker.fields():
        pairs = [(operator, "newest") for operator in field["operators"]]
        pairs += [(field["operators"][0], sort) for sort in orders if sort != "newest"]
        for operator, sort in pairs:
            rule = {"field": field["name"], "operator": operator["name"]}
            rule["value"] = _value(field, operator["takes"], field["type"])
            first, deep = (walker.page(rule, sort, cursor) for cursor in (None, walker.middle(sort)))
            marked = any(cost[0] == "r" or int(cost.split()[0].replace(",", "")) > most for cost in (first, deep))
            yield f"{'*' if marked else ' '} {field['name']} {operator['name']}, {sort}: {first} | {deep}"


def main(arguments: list[str]) -> None:
    """Walk through a crowd that is made for it, or through one that is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.walking", description=__doc__)
    parser.add_argument("--crowd", type=int, default=1_000_000)
    parser.add_argument("--most", type=int, default=20_000, help="mark what touches more pages than this")
    parser.add_argument("--keep", metavar="URL", help="a database of contacts with a crowd in it")
    parser.add_argument("--orders", nargs="*", default=ORDERS, help="not all of them")
    asked = parser.parse_args(arguments)
    if asked.keep:
        for line in walk(Straight(asked.keep), asked.most, asked.orders):
            print(line, flush=True)
        return
    with stage(asked.crowd):
        straight = Straight(settings().database_url_of("contacts"))
        for start in range(0, asked.crowd, AT_ONCE):
            with straight.engine.begin() as connection:
                make_crowd(connection, min(AT_ONCE, asked.crowd - start), start=start)
        fill(straight.engine, asked.crowd // 10)
        for line in walk(straight, asked.most, asked.orders):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
