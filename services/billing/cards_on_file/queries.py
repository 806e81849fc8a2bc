"""Which cards a contact has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.pages import keys_for, page_of
from chassis.work import Work
from contracts.billing.cards import add_card
from contracts.errors import Invalid, NotFound
from contracts.language import Request
from services.billing.base import USED_BEFORE, key_of
from services.billing.cards_on_file.model import Card, Wallet
from services.billing.cards_on_file.rules import is_expired

SHOWN = ("adding", "on_file")
_FIELDS = (
    "id", "contact_id", "state", "reason", "brand", "last_four", "expires", "default", "provider", "added_by",
    "added_at", "version",
)  # fmt: skip


def get_card(work: Work, request: Request) -> dict[str, Any]:
    """The card, also one that is not on file any more."""
    card = work.session.get(Card, request.card_id)
    if card is None:
        raise NotFound("There is no such card.")
    return shown(work, card)


def list_cards(work: Work, request: Request) -> dict[str, Any]:
    """The contact's cards, those on file and those being added unless a state is named."""
    states = (request.state,) if request.state else SHOWN
    cards = select(Card).where(Card.contact_id == request.contact_id, Card.state.in_(states))
    page = page_of(work, cards, keys_for(request.sort, oldest=[Card.id]), request)
    return page | {"items": [shown(work, card) for card in page["items"]]}


def cards_on_file(work: Work, contact_id: str) -> list[Card]:
    """All that may be charged, the oldest first; a contact has few."""
    return list(work.session.scalars(_on_file(contact_id)))


def card_to_charge(work: Work, contact_id: str, card_id: str | None) -> Card | None:
    """The card of that id, or the contact's default, or None where there is none; refused at `/card_id`."""
    if card_id is None:
        card = work.session.scalar(_on_file(contact_id).where(Card.default))
    else:
        card = work.session.scalar(select(Card).where(Card.id == card_id, Card.contact_id == contact_id))
        if card is None:
            raise Invalid.field("/card_id", "The contact has no such card.")
    if card is None:
        return None
    if card.state != "on_file":
        raise Invalid.field("/card_id", f"The card is not on file: it is {card.state}.")
    if is_expired(card.expires, work.now):
        raise Invalid.field("/card_id", f"The card {_which(card_id)} expired at the end of {card.expires}.")
    return card


def default_cards(work: Work, contact_ids: Collection[str]) -> dict[str, Card]:
    """The default cards of these contacts that may be charged now, by contact."""
    if not contact_ids:
        return {}
    theirs = select(Card).where(Card.contact_id.in_(sorted(contact_ids)), Card.default, Card.state == "on_file")
    return {card.contact_id: card for card in work.session.scalars(theirs) if not is_expired(card.expires, work.now)}


def _which(card_id: str | None) -> str:
    return "on file" if card_id else "that is charged when none is named"


def _on_file(contact_id: str) -> Any:
    return select(Card).where(Card.contact_id == contact_id, Card.state == "on_file").order_by(Card.id)


def locked_wallet(work: Work, contact_id: str, provider: str) -> Wallet:
    """The contact's wallet at the provider; all of the contact's are nobody else's until this transaction ends."""
    new = insert(Wallet).values(contact_id=contact_id, provider=provider)
    work.session.execute(new.on_conflict_do_nothing())
    mine = select(Wallet).where(Wallet.contact_id == contact_id).order_by(Wallet.provider)
    wallets = work.session.scalars(mine.with_for_update().execution_options(populate_existing=True))
    return next(wallet for wallet in list(wallets) if wallet.provider == provider)


def locked_card(work: Work, card_id: str) -> Card:
    """The card with its owner's wallet, the wallet first as everywhere."""
    owner = work.session.execute(select(Card.contact_id, Card.provider).where(Card.id == card_id)).first()
    if owner is None:
        raise NotFound("There is no such card.")
    locked_wallet(work, *owner)
    return work.session.get_one(Card, card_id, with_for_update=True, populate_existing=True)


def asked_before(work: Work, contact_id: str) -> Card | None:
    """The card that an earlier try of this very call asked for, before it was interrupted."""
    key = key_of(work, add_card)
    earlier = work.session.scalar(select(Card).where(Card.asked_key == key)) if key else None
    if earlier is not None and earlier.contact_id != contact_id:
        raise Invalid(USED_BEFORE)
    return earlier


def shown(work: Work, card: Card) -> dict[str, Any]:
    """A card as the contract says it."""
    return {field: getattr(card, field) for field in _FIELDS} | {"expired": is_expired(card.expires, work.now)}
