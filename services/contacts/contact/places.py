"""Contacts whose location was typed before there were locations are put at the one that is called so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from chassis.rows import update_rows
from contracts.contacts.people import contact_changed
from services.contacts.contact.actions import hold_contacts
from services.contacts.contact.model import Contact

CONTACTS_A_STEP = 500


def adopt_location(work: Any, event: Any) -> None:
    """Look, as a job, for who is at an open location by its name only."""
    if not event.data.archived:
        work.start_job("put_at_location", {"key": event.data.key, "name": event.data.name})


def put_next_at_location(work: Any, job: Any) -> None:
    """Put the next contacts at the location, and tell of each as of any change."""
    key, name = job.input["key"], job.input["name"]
    called_so = func.lower(Contact.location).in_(sorted({key, name.lower()}))
    wanted = select(Contact.id).where(called_so, Contact.location != key, Contact.merged_into.is_(None))
    found = work.session.scalars(wanted.order_by(Contact.id).limit(CONTACTS_A_STEP)).all()
    contacts = hold_contacts(work, found).values()
    rows = [
        {"id": contact.id, "location": key, "version": contact.version + 1, "changed_at": work.now,
         "changed_by": work.actor.id}
        for contact in contacts
    ]  # fmt: skip
    work.record_many(contact_changed, [(contact.id, _told(contact, key)) for contact in contacts])
    update_rows(work.session, Contact.__table__, rows)
    job.progress = {"done": job.progress.get("done", 0) + len(rows)}
    if len(found) < CONTACTS_A_STEP:
        job.finish(**job.progress)


def _told(contact: Contact, key: str) -> dict[str, Any]:
    changes = {"location": {"before": contact.location, "after": key}}
    return {"changes": changes, "display_name": contact.display_name, "version": contact.version + 1}
