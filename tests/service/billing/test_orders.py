"""Orders, through the door."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.ids import new_id
from contracts.billing import accounts, drafts, orders, packages
from contracts.errors import Blocked, Conflict, Invalid, Merged


def items(*packages):
    return [{"package_id": package["id"]} for package in packages]


@pytest.mark.requirement("B06", "B15")
def test_an_order_lists_what_was_bought_with_number_and_total(ask, a_package, a_buyer, told_of):
    gold = a_package(name="Gold", amount=4900, sign_up_fee={"amount": 1000, "currency": "EUR"})
    towel = a_package(kind="product", name="Towel", amount=1250)
    contact = a_buyer()
    asked = [{"package_id": gold["id"]}, {"package_id": towel["id"], "quantity": 3}]
    order = ask(orders.place_order, contact_id=contact, items=asked)
    assert [item["amount"]["amount"] for item in order["items"]] == [5900, 3750]
    assert order["total"] == order["due"] == {"amount": 9650, "currency": "EUR"}
    assert order["state"] == "open"
    assert order["number"] > 1000
    assert [type for type, _ in told_of(contact)] == [
        "package.assigned",
        "package.assigned",
        "order.placed",
        "invoice.issued",
    ]
    assert told_of(contact)[-2][1]["number"] == order["number"]


@pytest.mark.requirement("B01", "B13")
def test_what_was_changed_since_it_was_shown_is_not_sold(ask, a_package, a_buyer):
    gold, towel, contact = a_package(name="Gold", amount=4900), a_package(kind="product", amount=100), a_buyer()
    dearer = ask(packages.change_package, package_id=gold["id"], price={"amount": 5900, "currency": "EUR"})
    asked = [{"package_id": towel["id"]}, {"package_id": gold["id"], "package_version": gold["version"]}]
    wrong = [{"pointer": "/items/1/package_version", "detail": "“Gold” was changed since it was shown."}]
    with pytest.raises(Conflict) as refused:
        ask(orders.place_order, contact_id=contact, items=asked)
    draft = ask(drafts.draft_order, contact_id=contact, items=asked)
    assert (refused.value.errors, draft["problems"], draft["total"]["amount"]) == (wrong, wrong, 6000)
    asked[1]["package_version"] = dearer["version"]
    assert ask(orders.place_order, contact_id=contact, items=asked)["total"]["amount"] == 6000


@pytest.mark.requirement("B06")
def test_orders_placed_at_once_get_numbers_without_gap_or_repetition(ask, a_package, a_buyer):
    towel = a_package(kind="product", amount=100)
    contact = a_buyer()
    with ThreadPoolExecutor(4) as pool:
        placed = pool.map(lambda _: ask(orders.place_order, contact_id=contact, items=items(towel)), range(16))
        numbers = sorted(order["number"] for order in placed)
    assert numbers == list(range(numbers[0], numbers[0] + 16))


@pytest.mark.requirement("B06", "B15")
def test_an_order_refused_takes_no_number(ask, a_package, a_buyer):
    euro, dollar = a_package(), a_package(currency="USD")
    before = ask(orders.place_order, contact_id=a_buyer(), items=items(euro))
    with pytest.raises(Invalid):
        ask(orders.place_order, contact_id=a_buyer(), items=items(euro, dollar))
    after = ask(orders.place_order, contact_id=a_buyer(), items=items(euro))
    assert after["number"] == before["number"] + 1


@pytest.mark.requirement("P07", "B01")
def test_a_free_trial_is_settled_at_once_and_told_to_nobody_as_paid(ask, an_order, told_of):
    order = an_order(kind="trial", amount=0)
    assert (order["state"], order["due"]["amount"]) == ("paid", 0)
    assert [type for type, _ in told_of(order["contact_id"])] == ["package.assigned", "order.placed"]
    (assigned,) = ask(accounts.get_account, contact_id=order["contact_id"])["packages"]
    assert (assigned["state"], assigned["kind"]) == ("active", "trial")


@pytest.mark.requirement("C39")
def test_an_archived_contact_buys_nothing(ask, a_buyer, a_package):
    with pytest.raises(Blocked) as refused:
        ask(orders.place_order, contact_id=a_buyer(standing="archived"), items=items(a_package()))
    assert refused.value.errors


def test_a_merged_contact_answers_with_the_survivor(ask, a_buyer, a_package):
    survivor = a_buyer()
    with pytest.raises(Merged) as refused:
        ask(
            orders.place_order, contact_id=a_buyer(standing="merged", merged_into=survivor), items=items(a_package())
        )  # fmt: skip
    assert refused.value.extra["survivor"] == survivor


def test_a_contact_that_nobody_knows_is_refused_where_it_stands(ask, a_package):
    for place in (orders.place_order, drafts.draft_order):
        with pytest.raises(Invalid) as refused:
            ask(place, contact_id=new_id(), items=items(a_package()))
        assert [error["pointer"] for error in refused.value.errors] == ["/contact_id"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": None}, "/items"),
        ({"items": [{"package_id": "x"}]}, "/items/0/package_id"),
        ({"items": [{"package_id": new_id()}]}, "/items/0/package_id"),
        ({"items": [{"package_id": new_id(), "quantity": 0}]}, "/items/0/quantity"),
        ({"items": [{"package_id": new_id(), "quantity": 2**70}]}, "/items/0/quantity"),
        ({"items": [{"package_id": new_id(), "quantity": 1.5}]}, "/items/0/quantity"),
        ({"contact_id": "a\x00b"}, "/contact_id"),
        ({"price": 1}, "/price"),
        ({"sold_by": "Somebody else"}, "/sold_by"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_by_field(ask, a_buyer, a_package, change, pointer):
    asked = {"contact_id": a_buyer(), "items": items(a_package())} | change
    with pytest.raises(Invalid) as refused:
        ask(orders.place_order, **asked)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


@pytest.mark.requirement("B15")
def test_an_order_beyond_all_measure_is_refused(ask, a_buyer, a_package):
    yacht = a_package(amount=10**12)
    with pytest.raises(Invalid):
        ask(orders.place_order, contact_id=a_buyer(), items=[{"package_id": yacht["id"], "quantity": 2}])


@pytest.mark.requirement("B15")
def test_one_key_fifty_times_is_one_order(ask, a_buyer, a_package):
    contact, asked, key = a_buyer(), items(a_package()), new_id()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: ask(orders.place_order, key=key, contact_id=contact, items=asked), range(50)))
    assert all(answer == answers[0] for answer in answers)
    assert len(ask(orders.list_orders, contact_id=contact)["items"]) == 1


def test_orders_of_a_contact_are_listed_in_pages_newest_first(ask, a_buyer, a_package):
    contact, package = a_buyer(), a_package()
    placed = [ask(orders.place_order, contact_id=contact, items=items(package))["id"] for _ in range(3)]
    first = ask(orders.list_orders, contact_id=contact, limit=2)
    second = ask(orders.list_orders, contact_id=contact, limit=2, cursor=first["next"])
    assert [order["id"] for order in first["items"] + second["items"]] == placed[::-1]
    assert second["next"] is None
    again = ask(orders.list_orders, contact_id=contact, sort="oldest")
    assert [order["id"] for order in again["items"]] == placed
