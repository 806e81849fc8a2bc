"""Cards on file, through the door."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, cards, orders, payments
from contracts.errors import Conflict, Forbidden, Invalid, Merged, NotFound, Stale
from tests.builders.waiting import eventually

pytestmark = pytest.mark.requirement("B04")


def change(billing: sa.Engine, card: dict, what: str) -> None:
    with billing.begin() as connection:
        connection.execute(sa.text(f"UPDATE cards SET {what} WHERE id = :id"), {"id": card["id"]})


def now(ask, card: dict) -> dict:
    return ask(cards.get_card, card_id=card["id"])


@pytest.fixture
def open_order(ask, a_package):
    """`open_order(contact_id)`: the id of an order that nobody paid."""

    def place(contact_id: str) -> str:
        return ask(orders.place_order, contact_id=contact_id, items=[{"package_id": a_package()["id"]}])["id"]

    return place


@pytest.mark.requirement("C13")
def test_the_first_card_is_the_default_and_the_oldest_left_after_it(ask, a_buyer, a_card, told_of):
    ada = a_buyer()
    first, second, third = a_card(ada), a_card(ada, "tok_mastercard"), a_card(ada)
    assert [card["default"] for card in (first, second, third)] == [True, False, False]
    assert (second["state"], second["brand"], second["last_four"], second["expires"], second["expired"]) == (
        "on_file", "mastercard", "4444", "2034-12", False,
    )  # fmt: skip
    assert ask(accounts.get_account, contact_id=ada)["cards"] == [first, second, third]
    assert ask(cards.remove_card, card_id=first["id"])["state"] == "removed"
    assert ask(cards.remove_card, card_id=first["id"])["state"] == "removed", "twice is harmless"
    left = ask(cards.list_cards, contact_id=ada)["items"]
    assert [(card["id"], card["default"]) for card in left] == [(second["id"], True), (third["id"], False)]
    assert [(type, data["card_id"], data["default"]) for type, data in told_of(ada)] == [
        ("card.added", first["id"], True),
        ("card.added", second["id"], False),
        ("card.added", third["id"], False),
        ("card.removed", first["id"], True),
        ("card.default_changed", second["id"], True),
    ]


def test_another_default_is_chosen_by_hand(ask, a_buyer, a_card, told_of):
    ada = a_buyer()
    first, second = a_card(ada), a_card(ada, "tok_mastercard")
    with pytest.raises(Stale):
        ask(cards.change_card, card_id=second["id"], default=True, expected_version=second["version"] + 1)
    chosen = ask(cards.change_card, card_id=second["id"], default=True, expected_version=second["version"])
    assert (chosen["default"], now(ask, first)["default"]) == (True, False)
    assert ask(cards.change_card, card_id=second["id"], default=True) == chosen, "already so"
    assert [type for type, _ in told_of(ada)].count("card.default_changed") == 1
    with pytest.raises(Invalid) as refused:
        ask(cards.change_card, card_id=second["id"], default=False)
    assert refused.value.errors[0]["pointer"] == "/default"


def test_of_many_added_at_once_one_is_the_default(ask, a_buyer, a_card):
    ada = a_buyer()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: a_card(ada), range(6)))
    assert [card["default"] for card in ask(cards.list_cards, contact_id=ada)["items"]].count(True) == 1


def test_one_key_many_times_adds_one_card(ask, a_buyer, a_card):
    ada, key = a_buyer(), new_id()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: a_card(ada, key=key), range(4)))
    assert answers == [answers[0]] * 4
    assert len(ask(cards.list_cards, contact_id=ada)["items"]) == 1


@pytest.mark.parametrize(("token", "reason"), [("tok_declined", "card_declined"), ("tok_nobodys", "unknown_token")])
def test_a_card_that_the_provider_refuses_is_not_on_file(ask, a_buyer, a_card, told_of, token, reason):
    ada = a_buyer()
    refused = a_card(ada, token)
    assert (refused["state"], refused["reason"], refused["default"]) == ("refused", reason, False)
    assert (ask(cards.list_cards, contact_id=ada)["items"], told_of(ada)) == ([], [])
    assert ask(cards.list_cards, contact_id=ada, state="refused")["items"] == [refused]


def test_a_card_whose_answer_was_lost_is_asked_for_again_and_on_file_once(ask, a_buyer, a_card, billing, told_of):
    ada = a_buyer()
    unsure = a_card(ada, "tok_lost")
    assert unsure["state"] == "adding"
    change(billing, unsure, "ask_again_at = now()")
    eventually(lambda: now(ask, unsure)["state"] == "on_file")
    assert [type for type, _ in told_of(ada)] == ["card.added"]


def test_a_removed_card_is_forgotten_by_the_provider(ask, a_buyer, a_card, billing):
    card = a_card(a_buyer())
    ask(cards.remove_card, card_id=card["id"])
    kept = sa.text("SELECT forgotten FROM test_cards WHERE reference = :reference")

    def is_forgotten() -> bool:
        with billing.connect() as connection:
            return bool(connection.scalar(kept, {"reference": f"card_{card['id']}"}))

    eventually(is_forgotten)


def test_a_card_that_the_provider_keeps_no_longer_is_removed_here(ask, a_buyer, a_card, billing, told_of):
    ada = a_buyer()
    card = a_card(ada)
    with billing.begin() as connection:
        mark = sa.text("UPDATE test_cards SET forgotten = true WHERE reference = :reference")
        connection.execute(mark, {"reference": f"card_{card['id']}"})
    change(billing, card, "ask_again_at = now()")  # as a webhook does
    eventually(lambda: now(ask, card)["state"] == "removed")
    assert told_of(ada)[-1][0] == "card.removed"


def test_a_card_that_the_bank_renewed_is_told_as_changed(ask, a_buyer, a_card, billing, told_of):
    ada = a_buyer()
    card = a_card(ada)
    change(billing, card, "expires = '2020-01', ask_again_at = now()")
    eventually(lambda: now(ask, card)["expires"] == "2034-12")
    assert told_of(ada)[-1][1]["changes"] == {"expires": {"before": "2020-01", "after": "2034-12"}}


@pytest.mark.requirement("B03")
def test_an_order_is_paid_with_a_card_on_file(ask, a_buyer, a_card, open_order):
    ada = a_buyer()
    default, other = a_card(ada, "tok_charge_declined"), a_card(ada)
    declined = ask(payments.take_payment, order_id=open_order(ada), method="card")
    assert (declined["state"], declined["reason"], declined["card_id"]) == ("failed", "card_declined", default["id"])
    taken = ask(payments.take_payment, order_id=declined["order_id"], method="card", card_id=other["id"])
    assert (taken["state"], taken["card_id"]) == ("taken", other["id"])
    once = ask(payments.take_payment, order_id=open_order(ada), method="card", card_token="tok_visa")
    assert (once["state"], once["card_id"]) == ("taken", None)


def test_whom_nobody_may_sell_to_adds_no_card(ask, a_buyer, a_card):
    with pytest.raises(Conflict, match="archived"):
        a_card(a_buyer("archived"))
    with pytest.raises(Conflict, match="archived"):
        ask(cards.set_up_card, contact_id=a_buyer("archived"))
    with pytest.raises(Merged):
        a_card(a_buyer("merged", merged_into=a_buyer()))
    with pytest.raises(NotFound):
        a_card(new_id())


def test_who_may_look_may_not_add_and_who_may_not_look_sees_none(ask, a_buyer, a_card):
    ada = a_buyer()
    card = a_card(ada, actor="sales")
    assert ask(cards.get_card, actor="staff", card_id=card["id"]) == card
    for asked in ((cards.add_card, {"contact_id": ada, "payment_method": "tok_visa"}), (cards.remove_card, {})):
        with pytest.raises(Forbidden):
            ask(asked[0], actor="staff", **(asked[1] or {"card_id": card["id"]}))
    for role in ("dispatcher", "practitioner"):
        with pytest.raises(Forbidden):
            ask(cards.list_cards, actor=role, contact_id=ada)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"payment_method": ""}, "/payment_method"),
        ({"payment_method": None}, "/payment_method"),
        ({"payment_method": "x" * 201}, "/payment_method"),
        ({"payment_method": "4242 4242 4242 4242"}, "/payment_method"),
        ({"payment_method": 4242424242424242}, "/payment_method"),
        ({"payment_method": "tok_visa", "number": "4242424242424242"}, "/number"),
        ({"payment_method": "tok_visa", "cvc": "123"}, "/cvc"),
        ({"payment_method": "tok_visa", "contact_id": "4242424242424242"}, "/contact_id"),
        ({}, "/payment_method"),
    ],
)
def test_what_is_no_token_is_refused_by_field(ask, a_buyer, asked, pointer):
    with pytest.raises(Invalid) as refused:
        ask(cards.add_card, **({"contact_id": a_buyer()} | asked))
    assert [error["pointer"] for error in refused.value.errors] == [pointer]
    assert "4242" not in str(refused.value.errors) + refused.value.detail
