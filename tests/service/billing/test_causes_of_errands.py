"""What an errand tells and logs names the request that it comes of, however much later it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from chassis.errands import Running
from contracts.billing import cards, orders, packages, payments
from contracts.language import Event, Rpc
from services.billing.cards import KeptCard, NotAuthenticated, ProviderUnreachable
from services.billing.cards_on_file import keeping
from services.billing.payments import charging, refunding
from tests.service.billing.collecting import Collecting
from tests.service.billing.renewing import Provider, Studio

pytestmark = pytest.mark.requirement("O03")
LATER = dt.timedelta(minutes=10)
DOORS: dict[str, Any] = {
    charging.__name__: (charging.claim_unanswered, charging.ask_again, charging.settle_unanswered),
    refunding.__name__: (refunding.claim_unanswered, refunding.ask_again, refunding.settle_unanswered),
    keeping.__name__: (keeping.claim, keeping.ask, keeping.settle),
}


class Trouble:
    """A provider of which a test says what does not work, by the name of what it is asked."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.raising: dict[str, Exception] = {}

    def __getattr__(self, name: str) -> Any:
        if name in self.raising:
            return self._raise
        return getattr(self._provider, name, lambda *_, **__: None)

    def _raise(self, *_: Any, **__: Any) -> KeptCard:
        raise next(iter(self.raising.values()))


@pytest.fixture
def trouble(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trouble]:
    trouble = Trouble(studio.provider)
    for room in (charging, refunding, keeping):
        monkeypatch.setattr(room, "provider_called", lambda _name: trouble)
    yield trouble
    studio.clockwork.request_id = None


def ask_as(studio: Studio, request_id: str, rpc: Rpc, **request: Any) -> Any:
    studio.clockwork.request_id = request_id
    answer = studio.ask(rpc, **request)
    studio.clockwork.request_id = None
    return answer


def requests_of_errands(studio: Studio, room: Any, *told: Event) -> list[str | None]:
    """Do what waits, later: of what request each errand was, and each of these events that it told."""
    studio.clockwork.now += LATER
    studio.clockwork.told()
    running = Running(*DOORS[room.__name__])
    running._runtime, running.method_name = studio.clockwork.runtime, "tested"
    with studio.clockwork.work() as work:
        items = running.claim(work)
    with capture_logs([merge_contextvars]) as lines:
        for item in items:
            running._do(item)
    done = [line.get("request_id") for line in lines if line["event"] == "errand done"]
    return [*done, *(event.request_id for event in studio.clockwork.told(*told))]


def an_order(studio: Studio) -> str:
    gold = {"name": "Gold", "kind": "membership", "price": {"amount": 4900, "currency": "EUR"}}
    item = {"package_id": studio.ask(packages.create_package, **gold)["id"]}
    buyer = Collecting(studio).a_buyer(card=False)
    return studio.ask(orders.place_order, contact_id=buyer, items=[item])["id"]


def test_a_charge_and_its_refund_whose_answers_were_lost(studio: Studio, trouble: Trouble) -> None:
    card = {"order_id": an_order(studio), "method": "card", "card_token": "tok"}
    studio.provider.mood = "loses"
    payment = ask_as(studio, "r-charge", payments.take_payment, **card)
    studio.provider.mood = None
    assert requests_of_errands(studio, charging, payments.payment_taken) == ["r-charge", "r-charge"]
    trouble.raising = {"give_back": ProviderUnreachable()}
    ask_as(studio, "r-refund", payments.refund_payment, payment_id=payment["id"])
    trouble.raising = {}
    assert requests_of_errands(studio, refunding, payments.payment_refunded) == ["r-refund", "r-refund"]


def test_a_charge_that_is_called_off(studio: Studio, trouble: Trouble, monkeypatch: pytest.MonkeyPatch) -> None:
    def bank_asks(*_: Any, **__: Any) -> None:
        raise NotAuthenticated

    monkeypatch.setattr(studio.provider, "charge", bank_asks)
    card = {"order_id": an_order(studio), "method": "card", "card_token": "tok"}
    payment = ask_as(studio, "r-charge", payments.take_payment, **card)
    trouble.raising = {"give_up": ProviderUnreachable()}
    ask_as(studio, "r-cancel", payments.cancel_payment, payment_id=payment["id"])
    trouble.raising = {}
    assert requests_of_errands(studio, charging, payments.payment_failed) == ["r-cancel", "r-cancel"]


def test_a_card_that_is_kept_and_forgotten(studio: Studio, trouble: Trouble) -> None:
    trouble.raising = {"keep": ProviderUnreachable()}
    whose = {"contact_id": Collecting(studio).a_buyer(card=False), "payment_method": "tok"}
    card = ask_as(studio, "r-add", cards.add_card, **whose)
    trouble.raising = {}
    assert requests_of_errands(studio, keeping, cards.card_added) == ["r-add", "r-add"]
    ask_as(studio, "r-remove", cards.remove_card, card_id=card["id"])
    assert requests_of_errands(studio, keeping) == ["r-remove"]
