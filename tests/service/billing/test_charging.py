"""Cards whose answer is no, late, or lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import orders, payments
from contracts.errors import Unavailable
from services.billing.cards import CardDeclined
from services.billing.cards.test_provider import TestProvider


def soon(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait until it holds, for so long at most."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def let_the_patience_run_out(billing: sa.Engine, payment_id: str) -> None:
    with billing.begin() as connection:
        for table, key in (("payments", "id"), ("refunds", "payment_id")):
            connection.execute(
                sa.text(f"UPDATE {table} SET ask_again_at = now() WHERE {key} = :id AND ask_again_at IS NOT NULL"),
                {"id": payment_id},
            )


def times_charged(billing: sa.Engine, payment_id: str) -> int:
    counted = sa.text("SELECT count(*) FROM ledger_entries WHERE cause_id = :id AND account = 'card_provider'")
    with billing.connect() as connection:
        return connection.scalar(counted, {"id": payment_id}) or 0


@pytest.mark.requirement("B03")
def test_a_declined_card_leaves_the_order_open_and_says_why(ask, an_order, told_of):
    order = an_order()
    failed = ask(payments.take_payment, order_id=order["id"], method="card", card_token="tok_declined")
    assert (failed["state"], failed["reason"]) == ("failed", "card_declined")
    assert told_of(order["contact_id"])[-1][0] == "payment.failed"
    again = ask(payments.take_payment, order_id=order["id"], method="card", card_token="tok_visa")
    assert again["state"] == "taken"


@pytest.mark.requirement("B03", "B15")
def test_a_charge_whose_answer_was_lost_is_asked_for_again_and_taken_once(ask, an_order, told_of, billing):
    order = an_order()
    unsure = ask(payments.take_payment, order_id=order["id"], method="card", card_token="tok_lost")
    assert unsure["state"] == "charging"
    assert ask(orders.get_order, order_id=order["id"])["state"] == "open"
    let_the_patience_run_out(billing, unsure["id"])
    assert soon(lambda: ask(payments.get_payment, payment_id=unsure["id"])["state"] == "taken")
    assert [type for type, _ in told_of(order["contact_id"])][-4:] == [
        "payment.taken", "invoice.paid", "package.paid", "subscription.begun",
    ]  # fmt: skip
    assert times_charged(billing, unsure["id"]) == 1


@pytest.mark.requirement("B15")
def test_a_charge_that_was_interrupted_before_it_began_is_given_up(ask, an_order, billing, told_of):
    order = an_order()
    with billing.begin() as connection:
        interrupted = new_id()
        connection.execute(
            sa.text("""
                INSERT INTO payments (id, order_id, order_number, contact_id, method, amount, refunded, refunding,
                    currency, state, provider, ask_again_at, asked_by, asked_at, version)
                SELECT :id, id, number, contact_id, 'card', total, 0, 0, currency, 'charging', 'test', now(), 'Olive',
                    now(), 1 FROM orders WHERE id = :order"""),
            {"id": interrupted, "order": order["id"]},
        )
        connection.execute(sa.text("UPDATE orders SET under_way = total WHERE id = :order"), {"order": order["id"]})
    assert soon(lambda: ask(payments.get_payment, payment_id=interrupted)["state"] == "failed")
    assert ask(payments.take_payment, order_id=order["id"], method="card")["state"] == "taken"


@pytest.mark.requirement("B15")
def test_a_process_killed_while_the_provider_answers_takes_the_money_once(a_house, an_order_in):
    """The slow provider has taken the money when billing is killed; the next one finds out and writes it down."""
    house = a_house(services=["billing"])
    billing = house.database("billing")
    order = an_order_in(house)
    key = new_id()
    asked = {"order_id": order["id"], "method": "card", "card_token": "tok_slow"}
    with _Killing(house, billing, "billing"), pytest.raises(Unavailable):
        house.ask(payments.take_payment, key=key, deadline=4, **asked)
    house.start_again("billing")
    (unsure,) = house.ask(payments.list_payments, order_id=order["id"])["items"]
    assert unsure["state"] == "charging"
    let_the_patience_run_out(billing, unsure["id"])
    assert soon(lambda: house.ask(payments.get_payment, payment_id=unsure["id"])["state"] == "taken")
    assert times_charged(billing, unsure["id"]) == 1
    assert house.ask(orders.get_order, order_id=order["id"])["state"] == "paid"


@pytest.mark.requirement("B06")
def test_a_card_refund_left_without_an_answer_is_asked_for_again(ask, an_order, billing):
    order = an_order()
    taken = ask(payments.take_payment, order_id=order["id"], method="card")
    refund = new_id()
    with billing.begin() as connection:
        connection.execute(
            sa.text("""
                INSERT INTO refunds
                    (id, payment_id, contact_id, amount, currency, state, ask_again_at, asked_by, asked_at)
                SELECT :id, id, contact_id, amount, currency, 'asking', now(), 'Olive', now()
                FROM payments WHERE id = :payment"""),
            {"id": refund, "payment": taken["id"]},
        )
        connection.execute(sa.text("UPDATE payments SET refunding = amount WHERE id = :id"), {"id": taken["id"]})
    assert soon(lambda: ask(orders.get_order, order_id=order["id"])["state"] == "refunded")


@pytest.mark.requirement("B15")
def test_the_test_provider_remembers_once_and_over_a_restart_of_its_server(billing):
    name = f"provider {new_id()}"
    provider = TestProvider(billing.url, application_name=name)
    asked = {"amount": 500, "currency": "EUR", "token": "tok_visa", "key": new_id(), "description": "x"}
    reference = provider.prepare(**asked)
    with billing.begin() as connection:
        gone = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = :name"
        assert connection.scalar(sa.text(gone), {"name": name}) == 1
    assert provider.prepare(**asked) == reference
    provider.charge(reference)
    provider.charge(reference)
    taken = sa.text("SELECT count(*) FROM test_card_charges WHERE reference = :reference AND state = 'taken'")
    with billing.connect() as connection:
        assert connection.scalar(taken, {"reference": reference}) == 1
    for wrong in ("tok_nobody", "4242"):
        with pytest.raises(CardDeclined, match="unknown_token"):
            provider.prepare(**asked | {"token": wrong, "key": new_id()})


class _Killing:
    """Kill the process as soon as the provider has taken the money, while the caller still waits."""

    def __init__(self, house, billing, name: str) -> None:
        self.house, self.billing, self.name = house, billing, name

    def __enter__(self):
        self.thread = threading.Thread(target=self._kill)
        self.thread.start()

    def __exit__(self, *_):
        self.thread.join()

    def _kill(self) -> None:
        taken = sa.text("SELECT count(*) FROM test_card_charges WHERE state = 'taken'")

        def is_taken() -> bool:
            with self.billing.connect() as connection:
                return bool(connection.scalar(taken))

        assert soon(is_taken)
        self.house.process(self.name).kill()
