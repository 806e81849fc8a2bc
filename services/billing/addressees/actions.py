"""Meeting whom something is sold to, and keeping where they live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.work import Work
from contracts.errors import Conflict, Merged
from services.acquaintance import KnownContact, meet_contact, recall, recognise
from services.billing.addressees.model import PostalAddress
from services.billing.addressees.rules import address_for_invoices

_KEPT = PostalAddress.__table__


def known_customer(work: Work, contact_id: str, *, active: bool = False) -> KnownContact:
    """Tell who a contact is, as `known_contact` does, and keep the address that contacts tells when it is asked.

    Whoever was asked about once is known well enough to be sold something, also while contacts is away: name, standing
    and address are told when they change.
    """
    known = recall(work.reading, [contact_id]).get(contact_id)
    if known is None or not (known.complete or work.reading.get(PostalAddress, contact_id)):
        contact = meet_contact(work, contact_id)
        keep_addresses(work, {contact_id: (contact["version"], contact["addresses"])}, but_new=False)
        known = recognise(work, contact)
    if known.standing == "merged":
        raise Merged("This contact was merged into another.", survivor=known.merged_into)
    if active and known.standing != "active":
        raise Conflict(f"{known.display_name} is {known.standing}. Restore the contact first.")
    return known


def keep_addresses(work: Work, told: Mapping[str, tuple[int, Any]], *, but_new: bool = True) -> None:
    """Write down each contact's addresses as of a version, unless newer ones are there; `but_new`: of whom is known."""
    rows = [
        {"contact_id": contact_id, "version": version, "address": address_for_invoices(addresses)}
        for contact_id, (version, addresses) in sorted(told.items())
    ]
    if but_new:
        known = set(work.session.scalars(select(_KEPT.c.contact_id).where(_KEPT.c.contact_id.in_(list(told)))))
        rows = [row for row in rows if row["contact_id"] in known]
    if not rows:
        return
    new = insert(_KEPT).values(rows)
    set_ = {name: new.excluded[name] for name in ("address", "version")}
    older = _KEPT.c.version < new.excluded.version
    work.session.execute(new.on_conflict_do_update(index_elements=["contact_id"], set_=set_, where=older))
