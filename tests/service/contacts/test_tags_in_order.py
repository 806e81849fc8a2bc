"""Several system tags put on at once, while somebody else holds the same contacts."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from contracts.contacts.filters import read_group
from contracts.contacts.people import contact_created
from contracts.contacts.tags import contact_tagged
from local.processes import wait_for
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft, read_card
from services.contacts.facts.model import Facts
from services.contacts.segments.actions import defining, following
from tests.builders.works import Clockwork, a_clockwork
from tests.house.keeper import Servers

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
HOLD = sa.text("SELECT 1 FROM contacts WHERE id = :id FOR UPDATE")
WAITS = sa.text("SELECT 1 FROM pg_stat_activity WHERE :holder = ANY (pg_blocking_pids(pid))")


@pytest.mark.requirement("C21")
def test_who_holds_the_first_contact_gets_the_second_while_tags_wait_for_both(servers: Servers) -> None:
    with a_clockwork(servers, now=NOW) as clockwork, ThreadPoolExecutor() as beside:
        first, second = _two_contacts(clockwork)
        # The tag that is looked at first is the second contact's.
        _tagged_when(clockwork, "payment-due", "dues", ">", 0)
        _tagged_when(clockwork, "paused", "subscription_state", "=", "paused")
        with clockwork.work() as work:
            work.session.execute(sa.insert(Facts).values(contact_id=first, currency="EUR", subscription_state="paused"))
            work.session.execute(sa.insert(Facts).values(contact_id=second, currency="EUR", dues=900))
        entered = clockwork.told(contact_created)
        with clockwork.runtime.engine.begin() as other:
            other.execute(HOLD, {"id": first})
            tagging = beside.submit(clockwork.hears, following.follow, entered)
            holder = {"holder": other.scalar(sa.text("SELECT pg_backend_pid()"))}
            with clockwork.reading() as watching:
                assert wait_for(lambda: watching.session.scalar(WAITS, holder), 30)
            other.execute(HOLD, {"id": second})  # tags put on segment by segment have it by now: a knot
        tagging.result(20)
        tags = {(event.subject, event.data.tag) for event in clockwork.told(contact_tagged)}
        assert tags == {(first, "paused"), (second, "payment-due")}


def _two_contacts(clockwork: Clockwork) -> list[str]:
    cards = [read_card({"first_name": f"Ada {n}"}, region="GB", today=NOW.date()) for n in range(2)]
    with clockwork.work() as work:
        work.session.execute(sa.text("DELETE FROM segments"))
        return sorted(one.contact_id for one in add_contacts(work, [Draft(card) for card in cards]))


def _tagged_when(clockwork: Clockwork, tag: str, field: str, operator: str, value: object) -> None:
    filter = read_group({"rules": [{"field": field, "operator": operator, "value": value}]})
    with clockwork.work() as work:
        defining.add_segment(work, name=tag, description="", filter=filter, tag=tag)
