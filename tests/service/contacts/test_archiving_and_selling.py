"""Whoever archives a contact and whoever sells to them, at whatever moment: an archived contact never has a blocker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from benchmarks.crowd import make_crowd
from chassis import tables
from chassis.ids import new_id
from contracts.billing import orders, packages, payments, sharing
from contracts.billing.archiving import HoldForArchiving
from contracts.contacts import bulk, relations
from contracts.errors import Blocked
from services.billing.addressees.actions import known_customer
from services.billing.archiving import actions as holding
from services.billing.holds.actions import keep_active
from services.billing.orders.placing import place_order
from services.billing.service import Billing
from services.contacts.bulk.actions import archiving, doing
from services.contacts.bulk.model import BulkResult
from services.contacts.contact.model import Contact
from services.contacts.service import Contacts
from tests.builders.heard import NOON
from tests.builders.works import Clockwork, a_clockwork
from tests.house.keeper import Servers
from tests.service.contacts.posting import Questions

CASH = {"amount": 4900, "currency": "EUR"}


class Business:
    """Contacts and billing as no processes, and three contacts that both know."""

    def __init__(self, contacts: Clockwork, billing: Clockwork) -> None:
        self.contacts, self.billing = contacts, billing
        setattr(billing.runtime, "calls", Questions(contacts))  # noqa: B010
        setattr(contacts.runtime, "calls", Questions(billing, Billing))  # noqa: B010
        with contacts.work() as work:
            make_crowd(work.session.connection(), 3, now=NOON)
            self.ada, self.bob, self.cy = work.session.scalars(sa.select(Contact.id).order_by(Contact.id))
        for contact_id in (self.ada, self.bob, self.cy):
            with billing.work() as work:
                known_customer(work, contact_id)
        self.bag = self._package("Bag", "product")

    def _package(self, name: str, kind: str, **more: Any) -> str:
        package = self.billing.ask(Billing, packages.create_package, name=name, kind=kind, price=CASH, **more)
        return str(package["id"])

    def buys(self, contact_id: str, package_id: str | None = None) -> Any:
        items = [{"package_id": package_id or self.bag}]
        return self.billing.ask(Billing, orders.place_order, contact_id=contact_id, items=items)

    def has_a_family_membership(self, contact_id: str) -> str:
        family = self._package("Family", "membership", seats=3)
        self.billing.ask(Billing, payments.take_payment, order_id=self.buys(contact_id, family)["id"], method="cash")
        with self.billing.reading() as work:
            return str(work.session.scalar(sa.text("SELECT id::text FROM subscriptions")))

    def archives(self, *contact_ids: str) -> str:
        selection = {"ids": list(contact_ids)}
        asked = {"action": "archive", "selection": selection, "parameters": {"reason": "moved away"}}
        started = self.contacts.ask(Contacts, bulk.start_bulk, **asked)
        self.steps(self._count)
        return str(started["id"])

    def _count(self, work: Any, job: Any) -> None:
        doing.do_next(work, job, None)

    def steps(self, step: Callable[[Any, Any], None] | None = None) -> None:
        self.contacts.step({"bulk": step or (lambda work, job: doing.do_next(work, job, self.asked(job)))})

    def asked(self, job: Any) -> Any:
        with self.contacts.reading() as work:
            return archiving.hold_next(work, job)

    def holds(self, contact_id: str, held_by: str) -> None:
        """Billing holds them for the first step of that action."""
        asked = {"held_by": held_by, "step": 0, "contact_ids": [contact_id], "asks_about": []}
        with self.billing.work() as work:
            holding.hold_for_archiving(work, HoldForArchiving().load(asked))

    def result_of(self, contact_id: str) -> tuple[str, str | None]:
        with self.contacts.reading() as work:
            result = work.session.scalars(sa.select(BulkResult).where(BulkResult.contact_id == contact_id)).one()
            return result.outcome, result.detail

    def settles(self) -> int:
        """Let billing ask what became of its holds; how many are left."""
        self.billing.now += dt.timedelta(seconds=3)
        with self.billing.work() as work:
            holding.look_after_holds(work)
        while self.billing.step({holding.SETTLE: self._settle}):
            pass
        with self.billing.reading() as work:
            return int(work.session.scalar(sa.text("SELECT count(*) FROM holds WHERE id IS NOT NULL")))

    def _settle(self, work: Any, job: Any) -> None:
        with self.billing.reading() as asking:
            told = holding.ask_what_became(asking, job)
        holding.settle_holds(work, job, told)


@pytest.fixture
def business(servers: Servers) -> Iterator[Business]:
    with a_clockwork(servers, now=NOON) as contacts, a_clockwork(servers, "billing", now=NOON) as billing:
        yield Business(contacts, billing)


@pytest.mark.requirement("C27", "C38", "C39")
def test_who_is_archived_can_buy_nothing_from_before_it_is_looked_what_they_have(business: Business) -> None:
    ada = business.ada
    business.archives(ada)

    def step(work: Any, job: Any) -> None:
        asked = business.asked(job)
        refused()
        doing.do_next(work, job, asked)
        refused()  # archived, and not yet committed

    def refused() -> None:
        with pytest.raises(Blocked):
            business.buys(ada)

    business.steps(step)
    refused()  # and nobody has heard of it yet
    assert business.result_of(ada) == ("changed", None)
    assert business.settles() == 0
    refused()
    with business.billing.reading() as work:
        assert work.session.scalar(sa.text("SELECT count(*) FROM invoices")) == 0


@pytest.mark.requirement("C27", "C38")
def test_an_order_that_is_being_placed_is_waited_for_and_seen_though_nothing_was_told_of_it(business: Business) -> None:
    ada, bob = business.ada, business.bob
    business.archives(ada, bob)
    with business.billing.work() as work:
        keep_active(work, ada)  # whoever has a row already
    with business.billing.work() as work:
        items = [{"package_id": business.bag}]
        place_order(work, orders.place_order.takes().load({"contact_id": ada, "items": items}))
        with business.billing.work() as other:
            other.session.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            asked = {"held_by": ada, "step": 0, "contact_ids": [ada], "asks_about": []}
            with pytest.raises(OperationalError, match="lock timeout"):
                holding.hold_for_archiving(other, HoldForArchiving().load(asked))
    business.steps()
    assert business.result_of(ada) == ("refused", "There are unsettled dues.")
    assert business.result_of(bob) == ("changed", None)


@pytest.mark.requirement("C38", "B11")
def test_every_blocker_of_billing_is_named_and_a_seat_is_not_taken_while_one_is_archived(business: Business) -> None:
    ada, bob, cy = business.ada, business.bob, business.cy
    subscription = business.has_a_family_membership(ada)
    for one in (bob, cy):
        business.contacts.ask(Contacts, relations.add_relation, contact_id=ada, related_id=one, kind="family")
    joins = {"subscription_id": subscription}
    business.billing.ask(Billing, sharing.add_subscription_member, **joins, contact_id=bob)
    business.buys(ada)
    business.archives(ada, bob, cy)

    def step(work: Any, job: Any) -> None:
        asked = business.asked(job)
        with pytest.raises(Blocked):
            business.billing.ask(Billing, sharing.add_subscription_member, **joins, contact_id=cy)
        doing.do_next(work, job, asked)

    business.steps(step)
    assert business.result_of(cy) == ("changed", None)
    assert business.result_of(bob) == ("refused", "There is a shared membership.")
    against = (
        "There are unsettled dues.",
        "There is a subscription that is not over.",
        "There is an active membership.",
    )
    assert business.result_of(ada) == ("refused", "; ".join(against))


@pytest.mark.requirement("C38")
def test_a_hold_of_a_step_that_came_to_nothing_ends_when_the_action_does(business: Business) -> None:
    ada = business.ada
    job_id = business.archives(ada)

    class Died(Exception):
        pass

    def step(work: Any, job: Any) -> None:
        business.asked(job)
        raise Died

    with pytest.raises(Died):
        business.steps(step)
    assert business.settles() == 1  # it may be tried again at any moment
    with pytest.raises(Blocked):
        business.buys(ada)
    with business.contacts.work() as work:
        over = sa.update(tables.jobs).where(tables.jobs.c.id == job_id).values(state="failed")
        work.session.execute(over)
    assert business.settles() == 0
    assert business.buys(ada)["state"] == "open"


@pytest.mark.requirement("C38", "O05")
def test_whom_contacts_no_longer_knows_keeps_nobody_else_held(business: Business) -> None:
    """It came back to a moment before they were entered."""
    held_by, forgotten = new_id(), new_id()
    business.holds(forgotten, held_by)
    business.billing.now += dt.timedelta(seconds=1)
    business.archives(business.ada)
    business.steps()
    assert business.settles() == 0


@pytest.mark.requirement("C38")
def test_a_step_that_is_at_work_still_holds_up_no_end_of_another_action(business: Business) -> None:
    ada, bob = business.ada, business.bob
    slow = business.archives(ada)
    with business.contacts.work() as work:
        waits = sa.update(tables.jobs).where(tables.jobs.c.id == slow).values(kind="tried again later")
        work.session.execute(waits)
    business.holds(ada, slow)
    business.billing.now += dt.timedelta(seconds=1)
    business.archives(bob)
    business.steps()
    assert business.result_of(bob) == ("changed", None)
    assert business.settles() == 1, "the other action's"
    with pytest.raises(Blocked):
        business.buys(ada)
