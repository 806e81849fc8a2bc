"""What the provider is asked about cards: to keep one, to say how it is, to forget it; again when no answer came."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from chassis.work import Work
from contracts.billing import cards as told
from contracts.language import Request
from services.billing.cards import CardDeclined, KeptCard, ProviderUnreachable, provider_called
from services.billing.cards_on_file.actions import begin_card, put_on_file, remember_customer, take_off_file, tell
from services.billing.cards_on_file.model import Card, Wallet
from services.billing.cards_on_file.queries import locked_card, locked_wallet, shown

PATIENCE = dt.timedelta(seconds=30)
"""After which the provider is asked again; longer than its limits together."""


def add_card(work: Work, request: Request) -> dict[str, Any]:
    """Keep a card on file: `on_file`, `refused`, or still `adding` when no answer came in time."""
    card = begin_card(work, request)
    if card.state == "adding" and card.ask_again_at is None:
        card.ask_again_at = work.now + PATIENCE
        _keep(work, card)
    return shown(work, work.session.get_one(Card, card.id))


def _keep(work: Work, card: Card) -> None:
    item = _item(card, locked_wallet(work, card.contact_id, card.provider).customer)
    work.commit()
    try:
        # Who the owner is there is committed first: a card kept for a customer whom nobody remembers is lost.
        item["customer"] = item["customer"] or remember_customer(work, item["contact_id"], _provider(item))
    except (CardDeclined, ProviderUnreachable) as error:
        return settle(work, item, None, CardDeclined(str(error) or "The card provider is not reachable."))
    try:
        return settle(work, item, ask(item), None)
    except (CardDeclined, ProviderUnreachable) as error:
        return settle(work, item, None, error)


def claim(work: Work) -> list[dict[str, Any]]:
    """The cards about which the provider has to be asked now."""
    waiting = (
        select(Card, Wallet.customer)
        .join(Wallet, (Wallet.contact_id == Card.contact_id) & (Wallet.provider == Card.provider))
        .where(Card.ask_again_at <= work.now)
        .order_by(Card.ask_again_at)
        .limit(20)
        .with_for_update(skip_locked=True, of=Card)
    )
    claimed = work.session.execute(waiting).all()
    for card, _ in claimed:
        card.ask_again_at = work.now + PATIENCE
    return [_item(card, customer) for card, customer in claimed]


def ask(item: dict[str, Any]) -> KeptCard | None:
    """Ask what the card's state calls for; a card whose owner the provider never heard of was never kept."""
    provider = _provider(item)
    if item["state"] == "removed":
        return provider.forget(item["token"])
    if item["state"] == "on_file":
        return provider.look_at(item["token"])
    if item["customer"] is None:
        raise CardDeclined("Adding was interrupted before it began.")
    return provider.keep(item["token"], customer=item["customer"], key=item["card_id"])


def settle(work: Work, item: dict[str, Any], kept: KeptCard | None, error: Exception | None) -> None:
    """Write down the answer, unless the card has become something else meanwhile."""
    if error is not None and not isinstance(error, (CardDeclined, ProviderUnreachable)):
        raise error
    card = locked_card(work, item["card_id"])
    if card.state != item["state"] or isinstance(error, ProviderUnreachable):
        return
    if card.state == "adding" and error is not None:
        card.refuse(str(error))
    elif card.state == "adding" and kept is not None:
        put_on_file(work, card, kept, item["customer"])
    elif card.state == "on_file" and error is None:
        _renew(work, card, kept)
    else:
        card.ask_again_at = None  # forgotten


def _renew(work: Work, card: Card, kept: KeptCard | None) -> None:
    """Banks renew cards, and people remove them at the provider's own pages."""
    card.ask_again_at = None
    if kept is None:
        take_off_file(work, card)
        return
    fields = ("brand", "last_four", "expires")
    changes = {
        name: {"before": getattr(card, name), "after": getattr(kept, name)}
        for name in fields
        if getattr(card, name) != getattr(kept, name)
    }
    if changes:
        card.keep(kept, card.customer or "")
        tell(work, told.card_changed, card, changes=changes)


def _provider(item: dict[str, Any]) -> Any:
    return provider_called(item["provider"])


def _item(card: Card, customer: str | None) -> dict[str, Any]:
    same = {name: getattr(card, name) for name in ("contact_id", "provider", "token", "state", "cause")}
    return same | {"card_id": card.id, "customer": card.customer or customer}
