"""Orders that are put together first and placed later, through the door."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis.actor import Actor
from chassis.ids import new_id
from contracts.billing import (
    accounts,
    drafts,
    invoices,
    orders,
    packages,
    papers,
    payments,
    plans,
    promo_codes,
    subscriptions,
)
from contracts.errors import Blocked, Conflict, Forbidden, Invalid, Merged, NotFound, Problem, Stale
from services.acquaintance import known_contacts
from tests.builders.at_once import at_once
from tests.service.billing.collecting import THREE

pytestmark = pytest.mark.requirement("B13")
WHY = {"reason": "A friend of the house"}
TENTH = {"basis_points": 1000} | WHY
TILL = Actor(id=new_id(), role="api", name="A till", scopes=frozenset({"billing.sell", "billing.read"}))


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


def pointers(draft: dict) -> list[str]:
    return [problem["pointer"] for problem in draft["problems"]]


@pytest.fixture
def a_draft(ask, a_buyer, a_package):
    """`a_draft(quantity=1, actor=…, …)`: so many towels of 10.00, put together for a new contact."""

    def build(quantity: int = 1, actor: object = None, **more: object) -> dict:
        towel = {"package_id": a_package(kind="product", name="Towel", amount=1000)["id"], "quantity": quantity}
        who = {"actor": actor} if actor else {}
        return ask(drafts.draft_order, **who, **({"contact_id": a_buyer(), "items": [towel]} | more))

    return build


@pytest.fixture
def see(ask):
    """`see(draft)`: the order as it stands."""
    return lambda order: ask(orders.get_order, order_id=order["id"])


def test_a_draft_is_owed_by_nobody_and_stands_in_no_list_but_its_own(ask, a_draft, see, told_of, billing):
    draft = a_draft(quantity=3, discount=TENTH)
    contact = {"contact_id": draft["contact_id"]}
    assert (draft["state"], draft["number"], draft["placed_at"], draft["invoice_id"]) == ("draft", None, None, None)
    assert (draft["total"], draft["reduction"], draft["due"]) == (euros(2700), euros(300), euros(0))
    assert [(item["total"], item["id"]) for item in draft["items"]] == [(euros(2700), None)]
    assert draft["problems"] == []
    assert see(draft) == draft
    account = ask(accounts.get_account, **contact)
    assert not any(account[name] for name in ("orders", "packages", "dues", "spent", "payments"))
    assert ask(orders.list_orders, **contact)["items"] == ask(invoices.list_invoices, **contact)["items"] == []
    (listed,) = ask(orders.list_orders, state="draft", **contact)["items"]
    assert (listed["id"], listed["draft"], listed["total"], listed["problems"]) == (
        draft["id"], draft["draft"], None, None,
    )  # fmt: skip
    assert [type for type, _ in told_of(draft["contact_id"])] == ["draft_order.made"]
    with billing.connect() as connection:
        of = {"id": draft["contact_id"]}
        assert not connection.scalar(sa.text("SELECT count(*) FROM ledger_entries WHERE contact_id = :id"), of)


@pytest.mark.requirement("B06", "B07")
def test_a_placed_draft_is_the_order_that_placing_it_at_once_makes(ask, a_draft, see, told_of):
    own = {"package_id": a_draft()["items"][0]["package_id"], "quantity": 2, "discount": {"basis_points": 500} | WHY}
    draft = a_draft(items=[own], discount=TENTH)
    at_once = ask(orders.place_order, contact_id=draft["contact_id"], items=[own], discount=TENTH)
    placed = ask(drafts.place_draft, order_id=draft["id"], total=draft["total"])
    same = set(placed) - {"id", "number", "items", "placed_at", "drafted_at", "drafted_by", "invoice_id", "version"}
    assert {name: placed[name] for name in same} == {name: at_once[name] for name in same}
    assert [item["total"] for item in placed["items"]] == [item["total"] for item in at_once["items"]]
    assert (placed["id"], placed["number"], placed["draft"]) == (draft["id"], at_once["number"] + 1, None)
    assert placed["drafted_by"] == placed["placed_by"] == draft["drafted_by"]
    told = [type for type, _ in told_of(draft["contact_id"])]
    assert told == ["draft_order.made", *["package.assigned", "order.placed", "invoice.issued"] * 2]
    assert ask(invoices.get_invoice, invoice_id=placed["invoice_id"])["total"] == placed["total"]
    assert ask(payments.take_payment, order_id=draft["id"], method="cash")["amount"] == placed["total"]
    newest = [order["number"] for order in ask(orders.list_orders, contact_id=draft["contact_id"])["items"]]
    assert newest == [placed["number"], at_once["number"]]


@pytest.mark.requirement("B15", "G06")
def test_a_draft_is_placed_once_however_many_place_it(ask, a_draft):
    draft = a_draft()
    with ThreadPoolExecutor(4) as pool:
        placed = list(pool.map(lambda _: ask(drafts.place_draft, order_id=draft["id"]), range(8)))
    assert len({order["number"] for order in placed}) == 1
    contact = {"contact_id": draft["contact_id"]}
    assert len(ask(orders.list_orders, **contact)["items"]) == len(ask(invoices.list_invoices, **contact)["items"]) == 1
    assert len(ask(orders.list_assignments, **contact)["items"]) == 1


@pytest.mark.requirement("B15", "G06")
def test_what_is_deleted_or_changed_as_it_is_placed_is_the_one_or_the_other(ask, a_draft):
    for _ in range(4):
        draft = {"order_id": a_draft()["id"]}
        asked = [
            lambda draft=draft, **call: ask(drafts.place_draft, **draft, **call),
            lambda draft=draft, **call: ask(drafts.delete_draft, **draft, **call),
            lambda draft=draft, **call: ask(drafts.change_draft, **draft, items=[], **call),
        ]
        placed, deleted, changed = at_once(asked, refusals=(Conflict, NotFound, Invalid))
        if isinstance(placed, dict):
            assert (type(deleted), placed["total"]) == (Conflict, euros(1000))
        elif isinstance(placed, NotFound):
            assert not isinstance(deleted, Problem)
        else:
            assert changed["items"] == []


@pytest.mark.requirement("B02")
def test_a_price_that_changed_meanwhile_is_seen_and_whoever_expects_another_is_refused(ask, a_draft, see):
    draft = a_draft(quantity=2)
    package = draft["items"][0]["package_id"]
    ask(packages.change_package, package_id=package, price={"amount": 1200})
    assert (see(draft)["total"], see(draft)["version"]) == (euros(2400), draft["version"])
    with pytest.raises(Conflict) as refused:
        ask(drafts.place_draft, order_id=draft["id"], total=draft["total"])
    assert "24.00 EUR" in refused.value.detail
    assert refused.value.extra["total"] == euros(2400)
    assert see(draft)["state"] == "draft"
    placed = ask(drafts.place_draft, order_id=draft["id"], total=euros(2400))
    ask(packages.change_package, package_id=package, price={"amount": 1500})
    assert ask(drafts.place_draft, order_id=draft["id"], total=euros(2400)) == placed == see(draft)
    with pytest.raises(Conflict):
        ask(drafts.place_draft, order_id=draft["id"], total=euros(2000))


@pytest.mark.requirement("C39", "B08")
def test_all_that_placing_would_meet_is_named_at_once(ask, a_draft, a_package, see, billing):
    draft = a_draft(promo_code="NO SUCH", payment_plan={"key": "three"})
    ask(packages.change_package, package_id=draft["items"][0]["package_id"], on_sale=False)
    archived = sa.update(known_contacts).where(known_contacts.c.contact_id == draft["contact_id"])
    with billing.begin() as connection:
        connection.execute(archived.values(standing="archived"))
    seen = see(draft)
    assert pointers(seen) == ["/contact_id", "/items/0/package_id", "/promo_code", "/payment_plan/key"]
    assert seen["total"] == euros(1000)
    with pytest.raises(Blocked):
        ask(drafts.place_draft, order_id=draft["id"])
    with pytest.raises(Blocked):
        ask(drafts.draft_order, contact_id=draft["contact_id"])
    with billing.begin() as connection:
        connection.execute(archived.values(standing="active"))
    with pytest.raises(Invalid) as refused:
        ask(drafts.place_draft, order_id=draft["id"])
    assert refused.value.errors == seen["problems"][1:2]


def test_what_has_no_price_is_drafted_all_the_same_and_says_why(ask, a_draft, a_package, see):
    empty = a_draft(items=[])
    assert (pointers(empty), empty["total"], empty["items"]) == (["/items"], None, [])
    with pytest.raises(Invalid):
        ask(drafts.place_draft, order_id=empty["id"])
    euro, dollar = ({"package_id": a_package(currency=one, kind="product")["id"]} for one in ("EUR", "USD"))
    mixed = ask(drafts.change_draft, order_id=empty["id"], items=[euro, dollar])
    assert (pointers(mixed), mixed["total"]) == (["/items/1/package_id"], None)
    dear = ask(drafts.change_draft, order_id=empty["id"], items=[dollar], discount={"amount": {"amount": 9999}} | WHY)
    assert (pointers(dear), dear["total"]) == (["/discount/amount/amount"], None)
    fair = ask(drafts.change_draft, order_id=empty["id"], discount={"amount": {"amount": 900}} | WHY)
    assert (fair["problems"], fair["total"]) == ([], {"amount": 4000, "currency": "USD"})
    assert {one["currency"] for one in (fair["due"], fair["paid"])} == {"USD"}


def test_a_promo_code_is_counted_when_the_draft_is_placed_and_not_before(ask, a_draft, see, billing):
    word = new_id()[-12:]
    code = ask(promo_codes.create_promo_code, code=word, basis_points=1000, most_uses=1)["id"]
    first, second = a_draft(promo_code=word), a_draft(promo_code=word)
    assert [one["total"] for one in (first, second)] == [euros(900)] * 2
    assert ask(promo_codes.get_promo_code, promo_code_id=code)["uses"] == 0
    with billing.begin() as placing:  # whoever looks does not wait for whoever orders with the code
        placing.execute(sa.text("SELECT 1 FROM promo_codes WHERE id = :id FOR UPDATE"), {"id": code})
        assert see(first)["total"] == euros(900)
    placed = ask(drafts.place_draft, order_id=first["id"])
    assert (placed["promo_code"]["code"], placed["total"]) == (word, euros(900))
    assert (pointers(see(second)), see(second)["total"]) == (["/promo_code"], euros(1000))
    with pytest.raises(Invalid):
        ask(drafts.place_draft, order_id=second["id"])
    ask(drafts.change_draft, order_id=second["id"], promo_code=None)
    assert ask(drafts.place_draft, order_id=second["id"])["total"] == euros(1000)


@pytest.mark.requirement("G05")
def test_a_discount_keeps_who_gave_it(ask, a_draft, see):
    own = {"basis_points": 2000} | WHY
    item = {"package_id": a_draft()["items"][0]["package_id"], "quantity": 2, "discount": own}
    draft = a_draft(items=[item], discount=TENTH, actor="sales")
    giver = draft["draft"]["discount"]["given_by"]
    plain = {"package_id": item["package_id"], "quantity": 1}
    same = ask(drafts.change_draft, actor=TILL, order_id=draft["id"], items=[item], discount=TENTH)
    assert (same["version"], same["draft"]) == (draft["version"], draft["draft"])
    for more in (
        {"items": [item, plain]},
        {"items": [item] * 9},
        {"items": [item | {"quantity": 9}], "discount": None},
        {"discount": own},
    ):
        with pytest.raises(Forbidden):  # more is to be given than was
            ask(drafts.change_draft, actor=TILL, order_id=draft["id"], **more)
    with pytest.raises(Forbidden):
        ask(drafts.draft_order, actor=TILL, contact_id=draft["contact_id"], items=[item])
    changed = ask(drafts.change_draft, actor=TILL, order_id=draft["id"], items=[item, plain], discount=None)
    assert changed["draft"]["items"][0]["discount"]["given_by"] == giver
    placed = ask(drafts.place_draft, actor=TILL, order_id=draft["id"])
    assert (placed["items"][0]["discount"]["given_by"], placed["placed_by"]) == (giver, "A till")
    assert placed["drafted_by"] == giver


@pytest.mark.requirement("G05")
def test_a_discount_above_the_limit_waits_for_who_may_give_it(ask, a_draft, see):
    half = {"basis_points": 5000} | WHY
    asked = a_draft(discount=half, actor="sales")
    assert pointers(ask(orders.get_order, actor="sales", order_id=asked["id"])) == ["/discount"]
    with pytest.raises(Forbidden):
        ask(drafts.place_draft, actor="sales", order_id=asked["id"])
    assert see(asked)["problems"] == []
    assert ask(drafts.place_draft, order_id=asked["id"])["discount"]["given_by"] == asked["drafted_by"]
    given = a_draft(discount=half)
    more = [item | {"quantity": 2} for item in given["draft"]["items"]]
    with pytest.raises(Forbidden):  # the discount of more than it was given for is another's gift
        ask(drafts.change_draft, actor=TILL, order_id=given["id"], items=more)
    assert ask(drafts.place_draft, actor="sales", order_id=given["id"])["total"] == euros(500)


@pytest.mark.requirement("G06", "G08")
def test_a_draft_is_changed_by_whoever_has_seen_it_last_and_told_with_what_stood(ask, a_draft, see, told_of):
    draft = a_draft()
    items = [{"package_id": draft["items"][0]["package_id"], "quantity": 4}]
    changed = ask(drafts.change_draft, order_id=draft["id"], items=items, expected_version=draft["version"])
    assert (changed["total"], changed["version"]) == (euros(4000), draft["version"] + 1)
    for rpc in (drafts.change_draft, drafts.place_draft, drafts.delete_draft):
        with pytest.raises(Stale):
            ask(rpc, order_id=draft["id"], expected_version=draft["version"])
    type, told = told_of(draft["contact_id"])[-1]
    assert (type, told["version"], list(told["changes"])) == ("draft_order.changed", 2, ["items"])
    assert [told["changes"]["items"][when][0]["quantity"] for when in ("before", "after")] == [1, 4]


def test_drafts_alone_are_deleted_and_changed_and_nothing_is_paid_of_them(ask, a_draft, see, told_of):
    draft, placed = a_draft(), a_draft()
    ask(drafts.place_draft, order_id=placed["id"])
    for rpc in (drafts.delete_draft, drafts.change_draft):
        with pytest.raises(Conflict):
            ask(rpc, order_id=placed["id"])
    for rpc, more in (
        (orders.cancel_order, {}), (payments.refund_order, {}), (payments.take_payment, {"method": "cash"}),
        (papers.send_invoice_of_order, {}),
    ):  # fmt: skip
        with pytest.raises(Conflict) as refused:
            ask(rpc, order_id=draft["id"], **more)
        assert "draft" in refused.value.detail
    ask(drafts.delete_draft, order_id=draft["id"])
    assert told_of(draft["contact_id"])[-1][0] == "draft_order.deleted"
    for rpc in (orders.get_order, drafts.delete_draft, drafts.change_draft, drafts.place_draft):
        with pytest.raises(NotFound):
            ask(rpc, order_id=draft["id"])


@pytest.mark.requirement("B08", "B05")
def test_a_plan_begins_and_a_free_package_is_settled_when_the_draft_is_placed(ask, a_draft, a_package, see):
    course = a_package(kind="course", amount=9000, payment_plans=[THREE])
    draft = a_draft(items=[{"package_id": course["id"]}], payment_plan={"key": "three"})
    assert ask(plans.list_payment_plans, contact_id=draft["contact_id"])["items"] == []
    placed = ask(drafts.place_draft, order_id=draft["id"])
    instalments = ask(plans.list_instalments, payment_plan_id=placed["payment_plan_id"])["items"]
    assert [one["amount"] for one in instalments] == [euros(3000)] * 3
    free = a_draft(items=[{"package_id": a_package(amount=0, cycle={"unit": "month"})["id"]}])
    settled = ask(drafts.place_draft, order_id=free["id"])
    assert (settled["state"], settled["invoice_id"]) == ("paid", None)
    (running,) = ask(subscriptions.list_subscriptions, contact_id=free["contact_id"])["items"]
    assert running["state"] == "active"


@pytest.mark.requirement("C36")
def test_a_draft_of_a_merged_contact_answers_with_the_survivor(ask, a_buyer, a_draft, billing):
    draft, survivor = a_draft(), a_buyer()
    merged = {"standing": "merged", "merged_into": survivor}
    with billing.begin() as connection:
        connection.execute(
            sa.update(known_contacts).where(known_contacts.c.contact_id == draft["contact_id"]).values(merged)
        )
    with pytest.raises(Merged) as refused:
        ask(drafts.place_draft, order_id=draft["id"])
    assert refused.value.extra["survivor"] == survivor


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"items": [{"package_id": new_id()}]}, "/items/0/package_id"),
        ({"items": [{"package_id": "gold"}]}, "/items/0/package_id"),
        ({"items": [{}]}, "/items/0/package_id"),
        ({"items": None}, "/items"),
        ({"discount": TENTH | {"given_by": "The owner"}}, "/discount/given_by"),
        ({"promo_code": ""}, "/promo_code"),
        ({"promo_code": "a\x00b"}, "/promo_code"),
        ({"payment_plan": {}}, "/payment_plan/key"),
        ({"total": {"amount": 1, "currency": "EUR"}}, "/total"),
    ],
)
def test_what_makes_no_sense_is_no_draft(ask, a_draft, asked, pointer):
    for do in (a_draft, lambda **more: ask(drafts.change_draft, order_id=a_draft()["id"], **more)):
        with pytest.raises(Invalid) as refused:
            do(**asked)
        assert [error["pointer"] for error in refused.value.errors] == [pointer]
