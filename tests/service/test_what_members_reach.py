"""Whatever a member may ask: of anybody else they hear that there is no such thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.actor import Actor
from contracts.access import MEMBER, ROLES
from contracts.billing import cards, credit_notes, invoices, orders, packages, payments, plans, subscriptions
from contracts.catalogue import all_rpcs
from contracts.contacts import emergency, referrals
from contracts.errors import Forbidden, NotFound
from contracts.language import Id, Rpc
from gateway.asked import fields_of
from tests.builders.people import a_lead, a_phone
from tests.builders.selling import a_package
from tests.house.living import LivingHouse
from tests.service.billing.collecting import THREE

OPEN = [rpc for rpc in all_rpcs() if rpc.needs in ROLES[MEMBER]]
LISTS = [rpc for rpc in OPEN if not rpc.writes and "limit" in fields_of(rpc.takes)]
OFFERED = ("package_id",)
"""Ids of what is nobody's: `tests/service/billing/test_members_buying.py` says which of these a member is shown."""
SAID = {
    "channel": "email",
    "purpose": "marketing",
    "method": "card",
    "payment_method": "tok_visa",
    "items": [{"package_id": "01a20404-0000-7000-8000-000000000001"}],
}
"""What is said where a request is not complete without; to whoever may, it would do something."""

Ids = dict[str, str]


def ids_in(rpc: Rpc, *, required: bool) -> list[str]:
    """The names under which it takes ids of what is somebody's."""
    taken = fields_of(rpc.takes).items()
    return [name for name, each in taken if isinstance(each, Id) and each.required == required and name not in OFFERED]


@pytest.fixture(scope="module")
def theirs(house: LivingHouse) -> Ids:
    """One of everything that somebody else has, by the name under which it is asked for."""
    ask = house.ask
    contact = {"contact_id": a_lead(ask)["id"]}
    card = ask(cards.add_card, **contact, payment_method="tok_visa")
    course = a_package(ask, "course", 10000, payment_plans=[THREE])
    _bought(ask, contact, course, payment_plan={"key": "three"})
    plan = ask(plans.list_payment_plans, **contact)["items"][0]
    order = _bought(ask, contact, a_package(ask))
    payment = ask(payments.take_payment, order_id=order["id"], method="cash")
    subscription = ask(subscriptions.list_subscriptions, **contact)["items"][0]
    one = {"subscription_id": subscription["id"]}
    ask(subscriptions.change_subscription, **one, package_id=a_package(ask, amount=60000)["id"], when="now")
    ask(payments.refund_payment, payment_id=payment["id"], amount={"amount": 100, "currency": "EUR"})
    ask(referrals.make_referral_code, **contact)
    agreed = {"consent": {"how": "at the desk", "when": "2026-05-01"}}
    called = ask(emergency.add_emergency_contact, **contact, name="Anne", phones=[a_phone()], **agreed)
    return {
        **contact,
        **one,
        "for_contact": contact["contact_id"],
        "card_id": card["id"],
        "order_id": order["id"],
        "cause_id": order["id"],
        "invoice_id": ask(invoices.list_invoices, cause_id=order["id"])["items"][0]["id"],
        "credit_note_id": ask(credit_notes.list_credit_notes, **contact)["items"][0]["id"],
        "payment_id": payment["id"],
        "renewal_id": ask(subscriptions.list_renewals, **contact)["items"][0]["id"],
        "payment_plan_id": plan["id"],
        "instalment_id": ask(plans.list_instalments, **contact)["items"][0]["id"],
        "emergency_contact_id": called["id"],
        "buddy_pass_id": ask(referrals.make_buddy_pass, **contact)["id"],
    }


def _bought(ask: Callable[..., Any], contact: Ids, package: dict[str, Any], **more: Any) -> dict[str, Any]:
    return ask(orders.place_order, **contact, items=[{"package_id": package["id"]}], **more)


@pytest.fixture
def asking(house: LivingHouse) -> Callable[..., Any]:
    """`asking(rpc, …)` as a member who has nothing yet."""
    member = Actor(a_lead(house.ask)["id"], MEMBER, "Ada herself")
    return lambda rpc, **request: house.ask(rpc, actor=member, **request)


def complete(rpc: Rpc, theirs: Ids) -> dict[str, Any]:
    """A request that lacks nothing, of what is theirs."""
    needed = [name for name, each in fields_of(rpc.takes).items() if each.required and name not in OFFERED]
    return {name: theirs[name] if name in theirs else SAID[name] for name in needed}


@pytest.mark.requirement("B01", "G05")
@pytest.mark.parametrize("rpc", [rpc for rpc in OPEN if ids_in(rpc, required=True)], ids=str)
def test_of_what_is_somebody_elses_a_member_hears_nothing(house, asking, theirs, rpc):
    asked = complete(rpc, theirs)
    with pytest.raises((NotFound, Forbidden)):
        asking(rpc, **asked)
    if not rpc.writes and rpc is not payments.authenticate_payment:
        assert house.ask(rpc, **asked), "it is there, for whom it is"


@pytest.mark.requirement("B01", "G05")
@pytest.mark.parametrize("rpc", [rpc for rpc in LISTS if not ids_in(rpc, required=True)], ids=str)
def test_a_list_is_of_ones_own_whatever_it_is_asked(house, asking, theirs, rpc):
    for name in ids_in(rpc, required=False):
        if name in ("contact_id", "for_contact"):
            with pytest.raises((NotFound, Forbidden)):
                asking(rpc, **{name: theirs[name]})
        elif name in theirs:
            assert house.ask(rpc, **{name: theirs[name]})["items"], "others see them"
            assert asking(rpc, **{name: theirs[name]})["items"] == []
    if rpc is not packages.list_packages:
        assert house.ask(rpc)["items"], "others see them"
        assert asking(rpc)["items"] == []


@pytest.mark.requirement("G05")
def test_whatever_a_member_may_ask_says_whose_it_is():
    whose = {rpc: ids_in(rpc, required=True) + ids_in(rpc, required=False) for rpc in OPEN}
    assert [str(rpc) for rpc, names in whose.items() if not names and rpc is not packages.get_package] == []
