"""Promo codes, through the door: managed, and used no more often than they may be."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.ids import new_id
from contracts.billing import invoices, orders, packages, payments, promo_codes
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.service.billing.collecting import THREE

pytestmark = pytest.mark.requirement("B13")
TODAY = dt.datetime.now(dt.UTC).date()
EARLIER, LATER = ((TODAY + dt.timedelta(days=days)).isoformat() for days in (-2, 2))
A_FRIEND = {"basis_points": 1000, "reason": "A friend"}
FIRST = "This code is for a first purchase, and the contact has bought before."


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def a_code(ask):
    """`a_code(basis_points=2000, …)`: a code of a word of its own."""

    def build(**more) -> dict:
        way = {} if "amount" in more else {"basis_points": 2000}
        return ask(promo_codes.create_promo_code, **({"code": f"Spring {new_id()[-12:]}"} | way | more))

    return build


@pytest.fixture
def towel(a_package):
    return a_package(kind="product", name="Towel", amount=1000)["id"]


@pytest.fixture
def order_with(ask, a_buyer, towel):
    """`order_with(code, contact_id=…)`: an order of a towel with this code."""

    def order(code: dict | str, **more) -> dict:
        word = code if isinstance(code, str) else code["code"]
        asked = {"items": [{"package_id": towel}], "promo_code": word}
        return ask(orders.place_order, **({"contact_id": more.get("contact_id") or a_buyer()} | asked | more))

    return order


def why_not(order_with, code, **more) -> str | None:
    """Why an order with this code is refused, at its field; None if it is placed."""
    try:
        order_with(code, **more)
    except Invalid as refused:
        (error,) = refused.errors
        assert error["pointer"] == "/promo_code"
        return error["detail"]
    return None


@pytest.mark.requirement("B15")
def test_a_code_is_taken_off_what_discounts_leave_of_what_it_is_for(ask, a_code, a_package, a_buyer, towel, told_of):
    code, gold, contact = a_code(package_ids=[towel], joins_discounts=True), a_package()["id"], a_buyer()
    asked = {"contact_id": contact, "items": [{"package_id": gold}, {"package_id": towel, "quantity": 3}]}
    less = {"amount": {"amount": 790}, "reason": "Late opening"}
    word = f"  {code['code'].upper().replace(' ', '').replace('S', 'Ｓ')} "
    order = ask(orders.place_order, **asked, promo_code=word, discount=less)
    assert order["promo_code"] == {"promo_code_id": code["id"], "code": code["code"], "amount": euros(540)}
    assert [item["reduction"] for item in order["items"]] == [euros(490), euros(300 + 540)]
    assert (order["total"], order["reduction"]) == (euros(6570), euros(1330))
    assert ask(invoices.get_invoice, invoice_id=order["invoice_id"])["total"] == order["total"]
    assert dict(told_of(contact))["order.placed"]["promo_code"] == order["promo_code"]
    assert ask(promo_codes.get_promo_code, promo_code_id=code["id"])["uses"] == 1


@pytest.mark.requirement("B13")
def test_the_orders_that_used_a_code_are_listed(ask, a_code, order_with):
    spring, summer = a_code(), a_code()
    first, _, last = order_with(spring), order_with(summer), order_with(spring)
    ask(orders.cancel_order, order_id=first["id"])

    def listed(**more) -> list[str]:
        return [each["id"] for each in ask(orders.list_orders, promo_code_id=spring["id"], **more)["items"]]

    assert (listed(), listed(state="open")) == ([last["id"], first["id"]], [last["id"]])


def test_an_amount_takes_off_no_more_than_there_is(a_code, order_with):
    order = order_with(a_code(amount={"amount": 1500}))
    assert (order["promo_code"]["amount"], order["total"], order["state"]) == (euros(1000), euros(0), "paid")


@pytest.mark.requirement("B15")
def test_twenty_at_once_use_a_code_no_more_often_than_five_times(ask, a_code, a_buyer, order_with):
    code = a_code(most_uses=5)
    buyers = [a_buyer() for _ in range(20)]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda contact: why_not(order_with, code, contact_id=contact), buyers))
    assert (answers.count(None), answers.count("This code is used up.")) == (5, 15)
    placed = next(contact for contact, refused in zip(buyers, answers, strict=True) if refused is None)
    assert ask(promo_codes.get_promo_code, promo_code_id=code["id"])["uses"] == 5
    (order,) = ask(orders.list_orders, contact_id=placed)["items"]
    ask(orders.cancel_order, order_id=order["id"])
    with pytest.raises(Conflict):
        ask(orders.cancel_order, order_id=order["id"])
    assert [why_not(order_with, code) for _ in range(2)] == [None, "This code is used up."]


@pytest.mark.requirement("B06", "B08")
@pytest.mark.parametrize("way", ["paid", "by instalments", "for nothing"])
def test_what_was_had_is_a_use_and_a_purchase_also_once_it_is_given_back(
    ask, a_code, a_package, a_buyer, order_with, way
):
    code = a_code(first_purchase_only=True, basis_points=10_000 if way == "for nothing" else 2000)
    course = a_package(kind="course", amount=10_000, payment_plans=[THREE])["id"]
    plan = {"payment_plan": {"key": "three"}} if way == "by instalments" else {}
    buyer = a_buyer()

    def order() -> dict:
        return order_with(code, contact_id=buyer, items=[{"package_id": course}], **plan)

    placed = order()
    if way == "for nothing":
        assert ask(orders.cancel_order, order_id=placed["id"])["state"] == "cancelled"
    else:
        ask(orders.cancel_order, order_id=placed["id"])  # nothing of it has begun: the use comes back
        placed = order()
        first = {"amount": euros(2667)} if plan else {}
        ask(payments.take_payment, order_id=placed["id"], method="cash", **first)
        assert ask(payments.refund_order, order_id=placed["id"])["state"] == ("cancelled" if plan else "refunded")
    assert ask(promo_codes.get_promo_code, promo_code_id=code["id"])["uses"] == 1
    with pytest.raises(Invalid) as refused:
        order()
    assert refused.value.errors == [{"pointer": "/promo_code", "detail": FIRST}]


def test_the_same_request_twice_is_one_use(ask, a_code, a_buyer, order_with):
    code, contact, key = a_code(most_uses_per_contact=1), a_buyer(), new_id()
    first = order_with(code, contact_id=contact, key=key)
    assert order_with(code, contact_id=contact, key=key) == first
    assert why_not(order_with, code, contact_id=contact) == "The contact has used this code as often as one may."
    assert why_not(order_with, code) is None


def test_a_code_for_a_first_purchase_is_for_who_never_bought(ask, a_code, a_buyer, a_package, order_with):
    code, contact = a_code(first_purchase_only=True, basis_points=10_000), a_buyer()
    ask(orders.place_order, contact_id=contact, items=[{"package_id": a_package(kind="trial", amount=0)["id"]}])
    cancelled = order_with(a_code(first_purchase_only=True), contact_id=contact)
    ask(orders.cancel_order, order_id=cancelled["id"])
    assert order_with(code, contact_id=contact)["state"] == "paid"
    assert why_not(order_with, code, contact_id=contact) == FIRST


def test_of_first_purchases_at_once_one_is_the_first(a_code, a_buyer, order_with):
    contact, codes = a_buyer(), [a_code(first_purchase_only=True) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda code: why_not(order_with, code, contact_id=contact), codes))
    assert (answers.count(None), answers.count(FIRST)) == (1, 5)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"valid_from": LATER}, "This code is not valid yet."),
        ({"valid_until": EARLIER}, "This code is over."),
        ({"amount": {"amount": 100, "currency": "USD"}}, "This code is in USD, and the order in EUR."),
        ({"package_ids": "another"}, "This code is for nothing of what is ordered."),
    ],
)
def test_a_code_that_does_not_hold_is_refused(a_code, a_package, order_with, terms, why):
    if "package_ids" in terms:
        terms = {"package_ids": [a_package()["id"]]}
    assert why_not(order_with, a_code(**terms)) == why


def test_its_days_are_those_of_the_business(studio):
    """Los Angeles is eight hours behind."""
    towel = studio.ask(packages.create_package, name="Towel", kind="product", price=euros(1000))["id"]
    contact = studio.a_member(card=False)["contact_id"]
    days = {"valid_from": "2027-01-31", "valid_until": "2027-01-31"}
    studio.ask(promo_codes.create_promo_code, code="One day", amount={"amount": 100}, **days)

    def order(code: str) -> None:
        studio.ask(orders.place_order, contact_id=contact, items=[{"package_id": towel}], promo_code=code)

    def at(moment: str) -> str | None:
        studio.clockwork.now = dt.datetime.fromisoformat(moment)
        return why_not(order, "ONEDAY")

    assert at("2027-01-31T07:59:59Z") == "This code is not valid yet."
    assert at("2027-01-31T08:00:00Z") is None
    assert at("2027-02-01T07:59:59Z") is None
    assert at("2027-02-01T08:00:00Z") == "This code is over."


def test_a_code_and_a_discount_do_not_add_up_unless_it_says_so(a_code, order_with, towel):
    together = "This code cannot be used together with a discount: leave out one of them."
    for more in ({"discount": A_FRIEND}, {"items": [{"package_id": towel, "discount": A_FRIEND}]}):
        assert why_not(order_with, a_code(), **more) == together
        assert order_with(a_code(joins_discounts=True), **more)["total"] == euros(720)


def test_a_code_that_would_take_nothing_off_is_not_used_for_it(a_code, a_package, order_with):
    nothing = [{"package_id": a_package(kind="trial", amount=0)["id"]}]
    assert why_not(order_with, a_code(), items=nothing) == "This code takes nothing off what is ordered."


@pytest.mark.parametrize("word", ["nobody-knows-this", "", "a\x00b", "x" * 41, None, 5])
def test_a_code_that_is_none_is_refused_by_its_field(ask, a_buyer, towel, word):
    with pytest.raises(Invalid) as refused:
        ask(orders.place_order, contact_id=a_buyer(), items=[{"package_id": towel}], promo_code=word)
    assert refused.value.errors[0]["pointer"] == "/promo_code"


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"basis_points": 10_001}, "/basis_points"),
        ({"basis_points": 100, "amount": {"amount": 5}}, ""),
        ({"amount": {"amount": 0}}, "/amount/amount"),
        ({"most_uses": 0}, "/most_uses"),
        ({"most_uses": 2**70}, "/most_uses"),
        ({"valid_from": LATER, "valid_until": EARLIER}, "/valid_until"),
        ({"valid_until": "tomorrow"}, "/valid_until"),
        ({"joins_discounts": 1}, "/joins_discounts"),
        ({"package_ids": []}, "/package_ids"),
        ({"package_ids": [new_id()]}, "/package_ids/0"),
        ({"first_purchase_only": None}, "/first_purchase_only"),
        ({"code": ""}, "/code"),
        ({"code": "a\x00b"}, "/code"),
    ],
)
def test_a_code_that_makes_no_sense_is_refused_by_field(a_code, terms, pointer):
    with pytest.raises(Invalid) as refused:
        a_code(**terms)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_a_code_is_changed_archived_listed_and_made_once(ask, a_code, order_with):
    code = a_code()
    with pytest.raises(Invalid) as refused:
        a_code(code=code["code"].replace(" ", "").upper())
    assert refused.value.errors[0]["pointer"] == "/code"
    asked = {"promo_code_id": code["id"], "most_uses": 3, "valid_until": LATER}
    changed = ask(promo_codes.change_promo_code, **asked, expected_version=1)
    assert (changed["most_uses"], changed["version"]) == (3, 2)
    assert ask(promo_codes.change_promo_code, **asked) == changed
    with pytest.raises(Stale):
        ask(promo_codes.change_promo_code, promo_code_id=code["id"], most_uses=4, expected_version=1)
    with pytest.raises(Invalid):
        ask(promo_codes.change_promo_code, promo_code_id=code["id"], valid_from="2999-01-01")
    ask(promo_codes.change_promo_code, promo_code_id=code["id"], archived=True)
    assert why_not(order_with, code) == "This code is over."
    again = a_code(code=code["code"].lower())
    assert why_not(order_with, code) is None
    with pytest.raises(Invalid) as refused:
        ask(promo_codes.change_promo_code, promo_code_id=code["id"], archived=False)
    assert refused.value.errors[0]["pointer"] == "/archived"
    found = ask(promo_codes.list_promo_codes, code=code["code"].lower(), sort="code")
    assert [(one["id"], one["uses"]) for one in found["items"]] == [(code["id"], 0), (again["id"], 1)]
    found = ask(promo_codes.list_promo_codes, code=code["code"], archived=False)
    assert [one["id"] for one in found["items"]] == [again["id"]]


def test_codes_are_of_who_manages_packages_and_known_by_their_id(ask, a_code):
    for refused_to in (promo_codes.get_promo_code, promo_codes.change_promo_code):
        with pytest.raises(NotFound):
            ask(refused_to, promo_code_id=new_id())
    with pytest.raises(Forbidden):
        a_code(actor="sales")
