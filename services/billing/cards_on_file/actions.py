"""Adding and removing cards, and choosing the one that is charged."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import cards as told
from contracts.errors import Conflict, Invalid, Unavailable
from contracts.language import Event, Request
from services.billing.addressees.actions import known_customer
from services.billing.base import key_of, who
from services.billing.cards import CardDeclined, CardProvider, KeptCard, ProviderUnreachable, default_provider
from services.billing.cards_on_file.model import Card
from services.billing.cards_on_file.queries import (
    SHOWN,
    asked_before,
    cards_on_file,
    locked_card,
    locked_wallet,
    shown,
)
from services.billing.cards_on_file.rules import is_expired

MOST = 20
"""So many cards at most has one contact."""


def set_up_card(work: Work, request: Request) -> dict[str, Any]:
    """Let the contact's browser give a card to the provider; nothing is on file by that."""
    known_customer(work, request.contact_id, active=True)
    provider = default_provider()
    customer = locked_wallet(work, request.contact_id, provider.name).customer
    work.commit()
    try:
        if customer is None:
            customer = remember_customer(work, request.contact_id, provider)
        secret = provider.set_up(customer)
    except (CardDeclined, ProviderUnreachable) as error:
        raise Unavailable("The card provider cannot be asked now.") from error
    return {"provider": provider.name, "client_secret": secret, "publishable_key": provider.publishable_key}


def remember_customer(work: Work, contact_id: str, provider: CardProvider) -> str:
    """Make the contact known to the provider, outside of any transaction, and commit as whom."""
    customer = provider.customer_of(contact_id)
    wallet = locked_wallet(work, contact_id, provider.name)
    wallet.customer = known = wallet.customer or customer
    work.commit()
    return known


def begin_card(work: Work, request: Request) -> Card:
    """Write down that a card is wanted on file, before the provider is asked; or the one of an earlier try."""
    known_customer(work, request.contact_id, active=True)
    provider = default_provider()
    locked_wallet(work, request.contact_id, provider.name)
    earlier = asked_before(work, request.contact_id)
    if earlier is not None:
        return earlier
    _refuse_twice(work, request.contact_id, provider.name, request.payment_method)
    card = Card(
        id=new_id(),
        contact_id=request.contact_id,
        provider=provider.name,
        token=request.payment_method,
        state="adding",
        default=False,
        asked_key=key_of(work, told.add_card),
        cause=work.cause_of(request.contact_id).told,
        added_by=who(work),
        added_at=work.now,
        version=1,
    )
    work.session.add(card)
    return card


def put_on_file(work: Work, card: Card, kept: KeptCard, customer: str) -> None:
    """The provider keeps it: the contact's first is the default."""
    others = cards_on_file(work, card.contact_id)
    if any((other.provider, other.token) == (card.provider, kept.token) for other in others):
        card.refuse("already_on_file")
        return
    card.keep(kept, customer)
    card.default = not any(other.default for other in others)
    tell(work, told.card_added, card)


def change_card(work: Work, request: Request) -> dict[str, Any]:
    """Charge this card when none is named, instead of the one that was."""
    card = locked_card(work, request.card_id)
    work.expect(card.version)
    if request.default is None:
        return shown(work, card)
    card.must_be_on_file()
    if not request.default and card.default:
        raise Invalid.field("/default", "Make another card the default instead.")
    if not request.default or card.default:
        return shown(work, card)
    if is_expired(card.expires, work.now):
        raise Conflict(f"The card expired at the end of {card.expires}.")
    for before in cards_on_file(work, card.contact_id):
        if before.default:
            before.choose(False)
    _choose(work, card)
    return shown(work, card)


def remove_card(work: Work, request: Request) -> dict[str, Any]:
    """Charge a card no more; of the default, the oldest left takes its place. Removing twice is harmless."""
    card = locked_card(work, request.card_id)
    if card.state != "removed":
        work.expect(card.version)
        card.must_be_on_file()
        take_off_file(work, card)
    return shown(work, card)


def take_off_file(work: Work, card: Card) -> None:
    """It is on file no longer, and the provider is told so as an errand."""
    was_default = card.default
    card.remove(work.now)
    card.cause = work.cause_of(card.contact_id).told
    tell(work, told.card_removed, card, default=was_default)
    work.wake()
    work.session.flush()
    left = cards_on_file(work, card.contact_id)
    if was_default and left:
        _choose(work, left[0])


def tell(work: Work, event: Event, card: Card, **instead: Any) -> None:
    """Announce what became of a card."""
    said = {name: getattr(card, name) for name in ("brand", "last_four", "expires", "default", "version")}
    work.record(event, card.contact_id, card_id=card.id, **said | instead)


def _choose(work: Work, card: Card) -> None:
    work.session.flush()  # the one before is the default no longer
    card.choose(True)
    tell(work, told.card_default_changed, card)


def _refuse_twice(work: Work, contact_id: str, provider: str, token: str) -> None:
    theirs = select(Card).where(Card.contact_id == contact_id, Card.state.in_((*SHOWN, "removed")))
    cards = list(work.session.scalars(theirs))
    same = next((card for card in cards if (card.provider, card.token) == (provider, token)), None)
    if same is not None and same.state == "removed":
        raise Invalid.field("/payment_method", "The card was removed; the browser has to give it to the provider anew.")
    if same is not None and same.state == "on_file":
        raise Conflict("The card is on file already.", existing_id=same.id)
    if sum(card.state in SHOWN for card in cards) >= MOST:
        raise Conflict(f"A contact has at most {MOST} cards.")
