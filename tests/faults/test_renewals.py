"""Two renewal runs at once, one of which is killed again and again: each cycle is charged once."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from benchmarks.renewals import make_members, unpaid
from contracts.billing import packages
from local.processes import wait_for

MEMBERS = 250
"""So many are due for each death: in the suite these, and ten thousand by `./rapport soak`."""
SECONDS = 60
_ONCE = """
SELECT count(*) AS renewals, count(DISTINCT subscription_id) AS subscriptions,
    (SELECT count(*) FROM payments WHERE recurring AND state = 'taken') AS payments,
    (SELECT count(*) FROM payments WHERE recurring) AS tries,
    (SELECT count(*) FROM test_card_charges WHERE state = 'taken') AS charged,
    (SELECT sum(amount) FROM test_card_charges WHERE state = 'taken') AS money,
    (SELECT sum(amount) FROM ledger_entries WHERE account = 'card_provider') AS booked,
    (SELECT sum(amount) FROM ledger_entries WHERE account = 'receivable') AS owed,
    (SELECT count(DISTINCT number) FROM invoices WHERE state = 'paid') AS invoices,
    (SELECT max(number) FROM invoices) AS numbers,
    (SELECT count(*) FROM events WHERE type = 'subscription.renewed') AS told
FROM renewals WHERE state = 'paid'
"""
_NOW = """
UPDATE payments SET ask_again_at = now()
WHERE id IN (SELECT id FROM payments WHERE state = 'charging' FOR UPDATE SKIP LOCKED)
"""


@pytest.mark.requirement("B05", "B15")
def test_two_runs_of_which_one_is_killed_charge_each_cycle_once(a_house, times: int) -> None:
    members = MEMBERS * times
    house = a_house(services=["billing"], roles={"billing": ["rpc,jobs", "events,jobs"]})
    engine = house.database("billing")
    price = {"amount": 4900, "currency": "EUR"}
    gold = house.ask(packages.create_package, name="Gold", kind="membership", price=price)["id"]
    with engine.begin() as connection:
        make_members(connection, gold, members)
    for death in range(times):
        assert wait_for(lambda: _left(engine, gold) < members - death * MEMBERS, SECONDS)  # noqa: B023
        house.process("billing-events-jobs").kill()  # what it had begun is found again by whoever is left
        if death == 0:
            assert _left(engine, gold) > 0
        house.start_again("billing-events-jobs")
    assert _all_charged(engine, gold, SECONDS + members / 20)
    with engine.connect() as connection:
        found = dict(connection.execute(sa.text(_ONCE)).mappings().one())
    once = ("renewals", "subscriptions", "payments", "tries", "charged", "invoices", "numbers", "told")
    assert found == dict.fromkeys(once, members) | {"money": members * 4900, "booked": members * 4900, "owed": 0}


def _left(engine: sa.Engine, package_id: str) -> int:
    with engine.connect() as connection:
        return unpaid(connection, package_id)


def _all_charged(engine: sa.Engine, package_id: str, seconds: float) -> bool:
    """Whether all are paid in the end; nobody waits until the patience with the killed one runs out by itself."""
    until = time.monotonic() + seconds
    while _left(engine, package_id):
        with engine.begin() as connection:
            connection.exec_driver_sql(_NOW)
        if time.monotonic() > until:
            return False
        time.sleep(0.5)
    return True
