"""Letting somebody use a subscription, and letting them use it no longer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import sharing as told
from contracts.contacts.relations import list_relations
from contracts.errors import Conflict, Invalid, NotFound, named_at
from contracts.language import Event, Request
from services.acquaintance import KnownContact, recall
from services.billing.addressees.actions import known_customer
from services.billing.base import who
from services.billing.holds.actions import keep_active
from services.billing.sharing.queries import seat_of, shown
from services.billing.subscriptions.model import Subscription
from services.billing.subscriptions.queries import locked_subscription
from services.billing.subscriptions.seats import Seat, said, vacate
from services.billing.subscriptions.telling import note

LOOK_AGAIN = "are_they_still_related"


def add_subscription_member(work: Work, request: Request) -> dict[str, Any]:
    """Let a related contact use it; whether they are related, contacts says, now and once more when this stands."""
    owner_id = _owner_of(work, request.subscription_id)
    if owner_id == request.contact_id:
        raise Invalid.field("/contact_id", "The owner uses it anyway.")
    related = are_related(work, owner_id, request.contact_id)
    with named_at("/contact_id"):
        member = known_customer(work, request.contact_id)
    subscription = locked_subscription(work, request.subscription_id)
    work.expect(subscription.version)
    subscription.must_run()
    seat = seat_of(work, subscription.id, member.contact_id)
    if seat is None:
        _refuse_stranger(member, related=related)
        keep_active(work, member.contact_id)
        _must_have_a_seat(subscription)
        seat = _take_seat(work, subscription, member)
        work.start_job(LOOK_AGAIN, {"seat_id": seat.id, "owner_id": owner_id, "contact_id": member.contact_id})
    return shown(seat, member)


def remove_subscription_member(work: Work, request: Request) -> dict[str, Any]:
    """Let somebody use it no longer; their seat is free."""
    subscription = locked_subscription(work, request.subscription_id)
    work.expect(subscription.version)
    seat = seat_of(work, subscription.id, request.contact_id)
    if seat is None:
        raise NotFound("This contact does not use the subscription.")
    free_seat(work, subscription, seat, reason=f"{who(work)} took them off")
    return {}


def free_seat(work: Work, subscription: Subscription, seat: Seat, *, reason: str) -> None:
    """Take the seat from who has it, and tell both."""
    before = subscription.seats_taken
    vacate(work, subscription, [seat], reason=reason)
    member = recall(work.session, [seat.contact_id]).get(seat.contact_id)
    name = member.display_name if member else "Somebody"
    _tell_owner(work, told.seat_freed, subscription, seat, name, before=before, reason=reason)


def are_related(work: Work, owner_id: str, contact_id: str) -> bool:
    """Ask contacts whether these two have a relation, of whatever kind."""
    return bool(work.ask(list_relations, contact_id=owner_id, related_id=contact_id, limit=1)["items"])


def _owner_of(work: Work, subscription_id: str) -> str:
    """Whose it is, looked up before anything is locked."""
    owner = work.reading.scalar(select(Subscription.contact_id).where(Subscription.id == subscription_id))
    if owner is None:
        raise NotFound("There is no such subscription.")
    return owner


def _refuse_stranger(member: KnownContact, *, related: bool) -> None:
    if member.standing != "active":
        raise Conflict.field("/contact_id", f"{member.display_name} is {member.standing}. Restore the contact first.")
    if not related:
        raise Conflict.field(
            "/contact_id", f"{member.display_name} is not related to the owner; add the relation first."
        )  # fmt: skip


def _must_have_a_seat(subscription: Subscription) -> None:
    """Refuse more than there are seats now, or will be by the terms that are planned."""
    planned = (subscription.planned or {}).get("seats", subscription.seats)
    seats = min(subscription.seats, planned)
    if subscription.seats_taken < seats:
        return
    if seats == 1:
        raise Conflict.field("/subscription_id", "The membership is for its owner alone.")
    raise Conflict.field("/subscription_id", f"All {seats} seats are taken, the owner's among them.")


def _take_seat(work: Work, subscription: Subscription, member: KnownContact) -> Seat:
    seat = Seat(
        id=new_id(),
        subscription_id=subscription.id,
        contact_id=member.contact_id,
        joined_at=work.now,
        added_by=who(work),
    )
    work.session.add(seat)
    before = subscription.seats_taken
    subscription.seats_taken += 1
    owner = recall(work.session, [subscription.contact_id]).get(subscription.contact_id)
    owner_name = owner.display_name if owner else "somebody"
    work.record(
        told.shared_membership_joined, member.contact_id, **said(subscription, seat), owner_name=owner_name
    )  # fmt: skip
    _tell_owner(work, told.seat_taken, subscription, seat, member.display_name, before=before, reason=None)
    return seat


def _tell_owner(
    work: Work, event: Event, subscription: Subscription, seat: Seat, name: str, *, before: int, reason: str | None
) -> None:
    """Write it into the subscription's history, which has a new version, and tell the owner."""
    taken = subscription.seats_taken
    subscription.version += 1
    note(work, subscription, event, {"seats_taken": {"before": before, "after": taken}}, reason)
    work.record(
        event,
        subscription.contact_id,
        seat_id=seat.id,
        subscription_id=subscription.id,
        name=subscription.name,
        member_id=seat.contact_id,
        member_name=name,
        seats=subscription.seats,
        seats_taken=taken,
        reason=reason,
    )
