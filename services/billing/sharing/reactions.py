"""Who is related to the owner no longer uses the membership no longer.

What was removed last may not be the last relation of the two, and nobody knows in which order news comes: contacts is
asked what holds now. That a seat was taken while the relation ended is found by asking once more afterwards.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.jobs import begin_again
from chassis.work import Work
from contracts.errors import Merged, NotFound
from services.billing.sharing.actions import LOOK_AGAIN, are_related, free_seat
from services.billing.subscriptions.model import Subscription
from services.billing.subscriptions.queries import locked_subscription
from services.billing.subscriptions.seats import Seat

NO_RELATION = "they are not related to the owner any more"


def look_at_relation(work: Work, event: Any) -> None:
    """Have the seats looked at that the related one has with the subject; the other side is told as well."""
    theirs = (Subscription.contact_id == event.subject) & (Seat.contact_id == event.data.related_id)
    with_them = select(Seat).join(Subscription, Subscription.id == Seat.subscription_id)
    for seat in work.session.scalars(with_them.where(theirs, Seat.left_at.is_(None))):
        asked = {"seat_id": seat.id, "owner_id": event.subject, "contact_id": event.data.related_id}
        work.start_job(LOOK_AGAIN, asked)


def ask_whether_related(work: Work, job: Any) -> bool:
    """Whether they are; who was merged meanwhile keeps the seat, which is moved by that."""
    try:
        return are_related(work, job.input["owner_id"], job.input["contact_id"])
    except Merged:
        return True
    except NotFound:
        return False


def resume_looking(work: Work) -> None:
    """Look anew where the look was given up because contacts was away for long: nobody keeps a seat by that."""
    begin_again(work, LOOK_AGAIN)


def keep_or_free(work: Work, job: Any, related: bool) -> None:
    """Free the seat of who is not related any more."""
    job.finish(related=related)
    seat = work.session.get(Seat, job.input["seat_id"])
    if related or seat is None:
        return
    subscription = locked_subscription(work, seat.subscription_id)
    work.session.refresh(seat)  # it may have been freed until the lock was had
    if seat.left_at is None:
        work.by_itself()
        free_seat(work, subscription, seat, reason=NO_RELATION)
