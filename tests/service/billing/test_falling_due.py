"""Many cycles fall due at once: one that breaks holds up no other, and many take no more statements than few."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from services.billing.subscriptions.free_cycles import give_free_cycle
from tests.service.billing.renewing import Studio

DAY = "2027-02-28"
_UNIT = sa.text("UPDATE subscriptions SET cycle_unit = :unit WHERE id = :id")
_TOLD = sa.text("SELECT subject, type FROM events WHERE type IN ('renewal.due', 'subscription.renewed')")


@pytest.mark.requirement("B05")
def test_one_that_breaks_is_left_alone_while_the_others_are_charged(studio: Studio) -> None:
    members = [studio.a_member() for _ in range(5)]
    broken, whole = members[1], [*members[:1], *members[2:]]
    charge_every(studio, broken, "fortnight")
    give_away(studio, whole[-1:])
    studio.go(DAY)
    assert [charged(studio, each) for each in whole] == [["paid"]] * 3 + [["waived"]]
    assert charged(studio, broken) == []
    charge_every(studio, broken, "month")
    studio.run()
    assert charged(studio, broken) == [], "it is not looked at again at once"
    studio.clockwork.now += dt.timedelta(minutes=10)
    studio.run()
    assert charged(studio, broken) == ["paid"]
    with studio.clockwork.reading() as work:
        told = [(str(row.subject), row.type) for row in work.session.execute(_TOLD)]
    assert sorted(told) == sorted(
        (each["contact_id"], type) for each in members for type in ("renewal.due", "subscription.renewed")
    )


@pytest.mark.requirement("B05")
@pytest.mark.parametrize("becomes", ["paid", "waived"])
def test_many_take_as_many_statements_as_few(studio: Studio, becomes: str) -> None:
    assert statements(studio, becomes, members=9) == statements(studio, becomes, members=3)


def statements(studio: Studio, becomes: str, *, members: int) -> int:
    """So many are sent to the database while these members are charged, or have a cycle for nothing."""
    studio.clockwork.now = dt.datetime(2027, 1, 31, 12, tzinfo=dt.UTC)
    new = [studio.a_member() for _ in range(members)]
    if becomes == "waived":
        give_away(studio, new)
    sent: list[int] = []

    def count(_c: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, many: bool) -> None:
        sent.append(len(parameters) if many and isinstance(parameters, list) else 1)

    engine = studio.clockwork.runtime.engine
    sa.event.listen(engine, "after_cursor_execute", count)
    try:
        studio.go(DAY)
    finally:
        sa.event.remove(engine, "after_cursor_execute", count)
    assert [charged(studio, each) for each in new] == [[becomes]] * members
    return sum(sent)


def charged(studio: Studio, subscription: dict[str, Any]) -> list[str]:
    return [renewal["state"] for renewal in studio.renewals(subscription)]


def give_away(studio: Studio, subscriptions: list[dict[str, Any]]) -> None:
    """The next cycle of each, and of no other."""
    with studio.clockwork.work() as work:
        for each in subscriptions:
            give_free_cycle(work, each["contact_id"], reason="thanks")


def charge_every(studio: Studio, subscription: dict[str, Any], unit: str) -> None:
    with studio.clockwork.work() as work:
        work.session.execute(_UNIT, {"unit": unit, "id": subscription["id"]})
