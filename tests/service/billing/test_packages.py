"""Packages, through the door."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, orders, packages, payments
from contracts.errors import Forbidden, Invalid, NotFound, Stale
from tests.builders.at_once import at_once


@pytest.mark.requirement("B01")
def test_a_package_comes_back_as_it_was_made(ask, a_package):
    made = a_package(
        amount=4900, sign_up_fee={"amount": 1000, "currency": "EUR"}, cycle={"unit": "month", "count": 3},
        included_sessions=12, description="All you can sweat", visibility="private",
    )  # fmt: skip
    assert made["price"] == {"amount": 4900, "currency": "EUR"}
    assert made["cycle"] == {"unit": "month", "count": 3}
    assert (made["version"], made["on_sale"], made["visibility"]) == (1, True, "private")
    assert ask(packages.get_package, package_id=made["id"]) == made


@pytest.mark.requirement("B01", "C33")
def test_a_paid_credit_pack_says_how_many_sessions_it_is_good_for_and_until_when(ask, a_package, a_buyer, told_of):
    pack = a_package(kind="credit_pack", included_sessions=10, valid_days=30)
    gold = a_package(included_sessions=12)
    contact = a_buyer()
    items = [{"package_id": pack["id"], "quantity": 2}, {"package_id": gold["id"]}]
    order = ask(orders.place_order, contact_id=contact, items=items)
    ask(packages.change_package, package_id=pack["id"], included_sessions=1, valid_days=None)
    ask(payments.take_payment, order_id=order["id"], method="cash")
    paid = {data["kind"]: data for type, data in told_of(contact) if type == "package.paid"}
    lapses = dt.date.fromisoformat(paid["credit_pack"]["since"]) + dt.timedelta(days=30)
    assert (paid["credit_pack"]["credits"], paid["credit_pack"]["expires_on"]) == (20, lapses.isoformat())
    assert (paid["membership"]["credits"], paid["membership"]["pricing_option"]) == (None, "monthly")
    assert paid["credit_pack"]["pricing_option"] == "10 sessions"  # as it was when it was sold
    with pytest.raises(Invalid):
        a_package(valid_days=30)


@pytest.mark.requirement("B02")
def test_changing_a_package_never_changes_one_already_assigned(ask, a_package, a_buyer):
    gold = a_package(name="Gold", amount=4900)
    contact = a_buyer()
    order = ask(orders.place_order, contact_id=contact, items=[{"package_id": gold["id"]}])
    changed = ask(
        packages.change_package, package_id=gold["id"], name="Platinum", price={"amount": 9900, "currency": "EUR"}
    )
    assert (changed["version"], changed["name"], changed["price"]["amount"]) == (2, "Platinum", 9900)
    kept = ask(orders.get_order, order_id=order["id"])
    assert kept == order
    assert (kept["items"][0]["name"], kept["items"][0]["price"]["amount"]) == ("Gold", 4900)
    (assigned,) = ask(accounts.get_account, contact_id=contact)["packages"]
    assert (assigned["name"], assigned["package_version"]) == ("Gold", 1)
    later = ask(orders.place_order, contact_id=contact, items=[{"package_id": gold["id"]}])
    assert (later["items"][0]["package_version"], later["total"]["amount"]) == (2, 9900)


@pytest.mark.requirement("B02")
def test_the_database_itself_refuses_to_change_a_version(a_package, billing):
    made = a_package()
    with billing.begin() as connection, pytest.raises(sa.exc.IntegrityError, match="never changed"):
        connection.execute(sa.text("UPDATE package_versions SET price = 1 WHERE package_id = :id"), {"id": made["id"]})


def test_a_change_that_changes_nothing_makes_no_version(ask, a_package):
    made = a_package(name="Same")
    assert ask(packages.change_package, package_id=made["id"], name="Same")["version"] == 1


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(ask, a_package):
    made = a_package()
    ask(packages.change_package, package_id=made["id"], name="Newer", expected_version=1)
    with pytest.raises(Stale):
        ask(packages.change_package, package_id=made["id"], name="Lost", expected_version=1)


def test_changes_at_once_come_one_after_another_or_are_refused_as_stale(ask, a_package):
    made = a_package(name="Gold")
    change = partial(ask, packages.change_package, package_id=made["id"])
    changed = at_once([partial(change, name=f"Gold {n}") for n in range(6)])
    assert sorted(each["version"] for each in changed) == [2, 3, 4, 5, 6, 7]
    last = max(changed, key=lambda each: each["version"])
    assert ask(packages.get_package, package_id=made["id"]) == last
    against = [partial(change, name=f"Platinum {n}", expected_version=7) for n in range(6)]
    assert sorted(isinstance(each, Stale) for each in at_once(against, refusals=(Stale,))) == [False] + [True] * 5


def test_null_takes_a_term_away_and_what_is_not_said_stays(ask, a_package):
    made = a_package(description="Long", included_sessions=5)
    changed = ask(packages.change_package, package_id=made["id"], description=None)
    assert (changed["description"], changed["included_sessions"]) == (None, 5)


def test_a_package_off_sale_is_not_ordered(ask, a_package, a_buyer):
    made = a_package()
    ask(packages.change_package, package_id=made["id"], on_sale=False)
    with pytest.raises(Invalid) as refused:
        ask(orders.place_order, contact_id=a_buyer(), items=[{"package_id": made["id"]}])
    assert refused.value.errors[0]["pointer"] == "/items/0/package_id"


def test_packages_are_listed_in_pages_newest_first(ask, a_package):
    made = [a_package(kind="course", name=f"Course {n}")["id"] for n in range(3)]
    first = ask(packages.list_packages, kind="course", limit=2)
    second = ask(packages.list_packages, kind="course", limit=2, cursor=first["next"])
    listed = [package["id"] for package in first["items"] + second["items"]]
    assert listed[:3] == made[::-1]


def test_an_unknown_package_is_not_found(ask):
    with pytest.raises(NotFound):
        ask(packages.get_package, package_id=new_id())
    with pytest.raises(NotFound):
        ask(packages.change_package, package_id=new_id(), name="Nobody's")


def test_sales_may_not_make_packages(ask):
    with pytest.raises(Forbidden):
        ask(
            packages.create_package, actor="sales", name="Mine", kind="product", price={"amount": 1, "currency": "EUR"}
        )  # fmt: skip
