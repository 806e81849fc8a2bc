"""What of all packages is shown to whom."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, true

from chassis.work import Work
from contracts.access import MEMBER
from services.acquaintance import meet_contact
from services.billing.packages.model import Package, PackageVersion

Which = Sequence[ColumnElement[bool]]


def shelf_of(work: Work, permission: str) -> Which:
    """What there is for who asks: all of it with that permission, for a member what is offered to them; asked first."""
    if work.actor.role == MEMBER:
        return offered_to(work, work.actor.id or "")
    return [] if work.actor.may(permission) else _on_show()


def offered_to(work: Work, contact_id: str) -> Which:
    """What a contact is shown, by the lifecycle that contacts tells: to a lead trials, to who is archived nothing."""
    contact = meet_contact(work, contact_id)
    if contact["standing"] != "active":
        return [false()]
    a_lead = contact["lifecycle"]["state"] == "lead"
    return [*_on_show(), Package.kind == "trial"] if a_lead else _on_show()


def _on_show() -> Which:
    return [Package.on_sale == true(), Package.current.has(PackageVersion.visibility == "normal")]
