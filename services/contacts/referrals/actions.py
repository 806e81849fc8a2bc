"""Making codes and passes, and noting who came through whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts import referrals as published
from contracts.errors import Invalid
from contracts.language import Event
from services.contacts.contact.actions import hold_contact
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import refuse_out_of_reach
from services.contacts.referrals.model import BuddyPass, Referral, ReferralCode
from services.contacts.referrals.queries import code_of, open_pass, pass_of
from services.contacts.referrals.rules import a_code

VALID_FOR = dt.timedelta(days=30)
LONGEST = dt.timedelta(days=730)


def make_referral_code(work: Any, request: Any) -> dict[str, Any]:
    """Give the contact's code, made at the first asking."""
    refuse_out_of_reach(work, request.contact_id)
    contact_id = hold_contact(work, request.contact_id).id
    known = code_of(work, contact_id)
    if known:
        return known
    work.session.add(ReferralCode(contact_id=contact_id, code=a_code(), made_at=work.now, made_by=work.actor.id))
    work.session.flush()
    work.record(published.referral_code_made, contact_id, made_at=work.now)
    return code_of(work, contact_id) or {}


def make_buddy_pass(work: Any, request: Any) -> dict[str, Any]:
    refuse_out_of_reach(work, request.contact_id)
    contact_id = hold_contact(work, request.contact_id).id
    buddy_pass = BuddyPass(
        id=new_id(),
        contact_id=contact_id,
        code=a_code(),
        valid_until=_until(work, request.valid_until or work.now + VALID_FOR),
        uses_allowed=request.uses_allowed,
        uses=0,
        version=1,
        made_at=work.now,
        made_by=work.actor.id,
    )
    work.session.add(buddy_pass)
    work.session.flush()
    _tell(work, published.buddy_pass_made, buddy_pass)
    return pass_of(work, buddy_pass.id)


def change_buddy_pass(work: Any, request: Any) -> dict[str, Any]:
    """Change what is given; changing nothing makes no new version and tells nothing."""
    hold_contact(work, pass_of(work, request.buddy_pass_id)["contact_id"])
    buddy_pass = work.session.get_one(BuddyPass, request.buddy_pass_id, with_for_update=True)
    work.expect(buddy_pass.version)
    wanted = {name: request[name] for name in ("valid_until", "uses_allowed") if name in request}
    if wanted.get("valid_until", buddy_pass.valid_until) != buddy_pass.valid_until:
        _until(work, wanted["valid_until"])
    if wanted.get("uses_allowed", buddy_pass.uses) < buddy_pass.uses:
        raise Invalid.field("/uses_allowed", f"It was used {buddy_pass.uses} times already.")
    if request.withdrawn is not None:
        wanted["withdrawn_at"] = (buddy_pass.withdrawn_at or work.now) if request.withdrawn else None
    if changes := set_on(buddy_pass, wanted):
        buddy_pass.version += 1
        _tell(work, published.buddy_pass_changed, buddy_pass, changes=changes)
    work.session.flush()
    return pass_of(work, buddy_pass.id)


def hold_open_pass(work: Any, code: str) -> Any:
    """Lock the pass that a guest comes with, so that no two share its last use; None when nobody can any more."""
    return open_pass(work, code, hold=True)


def use_pass(work: Any, buddy_pass_id: str) -> None:
    """Take one of the uses of a pass that is held and open."""
    used = sa.update(BuddyPass).where(BuddyPass.id == buddy_pass_id)
    work.session.execute(used.values(uses=BuddyPass.uses + 1, version=BuddyPass.version + 1))


def note_referral(
    work: Any, *, by: str, referred_id: str, referred_name: str, via: str, buddy_pass_id: str | None = None
) -> None:
    """Note that a contact brought along somebody who was just entered."""
    referral = Referral(
        id=new_id(),
        contact_id=by,
        referred_id=referred_id,
        via=via,
        buddy_pass_id=buddy_pass_id,
        state="lead",
        state_version=1,
        referred_at=work.now,
    )
    work.session.add(referral)
    told = {"referral_id": referral.id, "referred_id": referred_id, "referred_name": referred_name, "via": via}
    work.record(published.referral_made, by, **told)


def note_referrals(work: Any, by: Mapping[str, str]) -> list[dict[str, Any]]:
    """Note who referred whom, `{referred: by whom}`, as a file says it; nobody is brought along twice."""
    referred = sa.select(Contact).where(Contact.id.in_(list(by))).order_by(Contact.id)
    people = {contact.id: contact for contact in work.session.scalars(referred)}
    rows = [
        {
            "id": new_id(), "contact_id": by[id], "referred_id": id, "via": "import", "state": contact.lifecycle,
            "state_version": contact.version, "referred_at": work.now,
            "converted_at": contact.lifecycle_since if contact.lifecycle == "customer" else None,
        }
        for id, contact in people.items()
    ]  # fmt: skip
    insert_new = insert(Referral).values(rows).on_conflict_do_nothing(index_elements=["referred_id"])
    made = set(work.session.scalars(insert_new.returning(Referral.id)))
    kept = [row for row in rows if row["id"] in made]
    names = {id: contact.display_name for id, contact in people.items()}
    work.record_many(published.referral_made, [_told(row, names[row["referred_id"]]) for row in kept])
    return kept


def take_referrals_back(work: Any, ids: Sequence[str]) -> None:
    """Take back what a file said of who referred whom."""
    if not ids:
        return
    named = sa.select(Referral.__table__, Contact.display_name).join(Contact, Contact.id == Referral.referred_id)
    rows = work.session.execute(named.where(Referral.id.in_(ids)).order_by(Referral.id)).mappings().all()
    work.session.execute(sa.delete(Referral).where(Referral.id.in_(ids)))
    work.record_many(published.referral_removed, [_told(row, row["display_name"]) for row in rows])


def _told(row: Mapping[str, Any], name: str) -> tuple[str, dict[str, Any]]:
    told = {"referral_id": row["id"], "referred_id": row["referred_id"], "referred_name": name, "via": row["via"]}
    return row["contact_id"], told


def _until(work: Any, moment: dt.datetime) -> dt.datetime:
    if not work.now < moment <= work.now + LONGEST:
        raise Invalid.field("/valid_until", f"Within the next {LONGEST.days} days.")
    return moment


def _tell(work: Any, event: Event, buddy_pass: BuddyPass, **more: Any) -> None:
    work.record(
        event,
        buddy_pass.contact_id,
        buddy_pass_id=buddy_pass.id,
        valid_until=buddy_pass.valid_until,
        uses_allowed=buddy_pass.uses_allowed,
        withdrawn=buddy_pass.withdrawn_at is not None,
        version=buddy_pass.version,
        **more,
    )
