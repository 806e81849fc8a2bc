"""Who uses what of whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from chassis.pages import keys_for, page_of
from chassis.work import Work
from contracts.errors import NotFound
from contracts.language import Request
from services.acquaintance import KnownContact, recall
from services.billing.subscriptions.model import Subscription
from services.billing.subscriptions.queries import standing, subscription_of
from services.billing.subscriptions.seats import Seat

_OF_SEAT = ("id", "subscription_id", "joined_at", "left_at", "reason")
_OF_SUBSCRIPTION = ("name", "state", "pricing_option", "expires_on")
NEWEST = 20


def list_subscription_members(work: Work, request: Request) -> dict[str, Any]:
    """Who uses a subscription beside its owner."""
    subscription_of(work, request.subscription_id)
    seats = select(Seat).where(Seat.subscription_id == request.subscription_id, _taken(request.current))
    page = page_of(work, seats, keys_for(request.sort, oldest=[Seat.id]), request)
    known = recall(work.session, {seat.contact_id for seat in page["items"]})
    return page | {"items": [shown(seat, known.get(seat.contact_id)) for seat in page["items"]]}


def get_subscription_member(work: Work, request: Request) -> dict[str, Any]:
    """One who uses it."""
    seat = seat_of(work, request.subscription_id, request.contact_id)
    if seat is None:
        raise NotFound("This contact does not use the subscription.")
    return shown(seat, recall(work.session, [seat.contact_id]).get(seat.contact_id))


def list_shared_memberships(work: Work, request: Request) -> dict[str, Any]:
    """What a contact uses of others."""
    seats = _shared_with(request.contact_id, current=request.current)
    page = page_of(work, seats, keys_for(request.sort, oldest=[Seat.id]), request)
    return page | {"items": _as_shared(work, page["items"])}


def memberships_shared_with(work: Work, contact_id: str) -> list[dict[str, Any]]:
    """The newest that a contact uses now."""
    newest = _shared_with(contact_id, current=True).order_by(Seat.id.desc()).limit(NEWEST)
    return _as_shared(work, list(work.session.scalars(newest)))


def seat_of(work: Work, subscription_id: str, contact_id: str) -> Seat | None:
    """The seat that a contact has on a subscription now."""
    theirs = (Seat.subscription_id == subscription_id) & (Seat.contact_id == contact_id)
    return work.session.scalar(select(Seat).where(theirs, Seat.left_at.is_(None)).order_by(Seat.id).limit(1))


def shown(seat: Seat, known: KnownContact | None) -> dict[str, Any]:
    """Somebody who uses a subscription, as the contract says it."""
    fields = (*_OF_SEAT, "contact_id", "added_by")
    return {name: getattr(seat, name) for name in fields} | {"display_name": known and known.display_name}


def _taken(current: bool) -> ColumnElement[bool]:
    return Seat.left_at.is_(None) if current else Seat.left_at.is_not(None)


def _shared_with(contact_id: str, *, current: bool) -> Any:
    return select(Seat).where(Seat.contact_id == contact_id, _taken(current))


def _as_shared(work: Work, seats: list[Seat]) -> list[dict[str, Any]]:
    """These seats with what they are seats of, and who pays for it."""
    wanted = select(Subscription).where(Subscription.id.in_([seat.subscription_id for seat in seats]))
    subscriptions = {each.id: each for each in work.session.scalars(wanted)} if seats else {}
    owners = recall(work.session, {each.contact_id for each in subscriptions.values()}) if seats else {}
    return [_one_shared(seat, subscriptions[seat.subscription_id], owners) for seat in seats]


def _one_shared(seat: Seat, subscription: Subscription, owners: dict[str, KnownContact]) -> dict[str, Any]:
    owner, of = owners.get(subscription.contact_id), standing(subscription)
    return {
        **{name: getattr(seat, name) for name in _OF_SEAT},
        **{name: of[name] for name in _OF_SUBSCRIPTION},
        "owner": {"id": subscription.contact_id, "display_name": owner and owner.display_name},
    }
