"""Taking contacts out of sight and bringing them back, with what others may not have meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, literal, or_, select, update

from chassis.rows import update_rows
from contracts.contacts.people import contact_changed
from services.contacts.contact.model import Contact
from services.contacts.members.actions import end_sessions
from services.contacts.members.model import MemberSession
from services.contacts.people.model import Email, Phone


def archive_contacts(work: Any, contacts: Sequence[Contact], *, reason: str) -> None:
    """Archive contacts that are held and active. Their e-mails and phones are free for others (decisions/0102).

    They are signed out. Nothing is asked of other services: who calls this knows that no contact has a blocker.
    """
    ids = [contact.id for contact in contacts]
    _stand(work, contacts, "archived", at=work.now, reason=reason)
    end_sessions(work, MemberSession.contact_id.in_(ids), "archived")
    for part in (Email, Phone):
        work.session.execute(update(part).where(part.contact_id.in_(ids)).values(exclusive=False))


def restore_contacts(work: Any, contacts: Sequence[Contact]) -> None:
    """Make archived contacts that are held active again; an e-mail or phone that another has by now stays shared."""
    ids = [contact.id for contact in contacts]
    _stand(work, contacts, "active", at=None, reason=None)
    other = Email.__table__.alias()
    taken = select(literal(1)).where(other.c.normalised == Email.normalised, other.c.contact_id != Email.contact_id)
    free = ~taken.where(_active(other)).exists()
    work.session.execute(update(Email).where(Email.contact_id.in_(ids), free).values(exclusive=True))
    other = Phone.__table__.alias()
    same = and_(other.c.value == Phone.value, other.c.name_key == Phone.name_key)
    taken = select(literal(1)).where(same, other.c.contact_id != Phone.contact_id)
    free = ~taken.where(_active(other)).exists()
    work.session.execute(update(Phone).where(Phone.contact_id.in_(ids), free).values(exclusive=True))


def _active(part: Any) -> Any:
    bearer = select(literal(1)).where(Contact.id == part.c.contact_id, Contact.standing == "active").exists()
    return or_(part.c.exclusive, bearer)


def _stand(work: Any, contacts: Sequence[Contact], standing: str, *, at: Any, reason: str | None) -> None:
    told, rows = [], []
    for contact in contacts:
        changes = {"standing": {"before": contact.standing, "after": standing}}
        version = contact.version + 1
        data = {"changes": changes, "display_name": contact.display_name, "version": version, "reason": reason}
        told.append((contact.id, data))
        rows.append({"id": contact.id, "standing": standing, "version": version, "changed_at": work.now,
                     "archived_at": at, "archive_reason": reason, "changed_by": work.actor.id})  # fmt: skip
    update_rows(work.session, Contact.__table__, rows)
    work.record_many(contact_changed, told)
