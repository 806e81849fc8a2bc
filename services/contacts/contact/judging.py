"""Deriving the lifecycle of contacts that are held, one or a thousand, from what makes them customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from chassis.rows import update_rows
from contracts.contacts.people import contact_changed, contact_lifecycle_changed
from services.contacts.contact.actions import new_membership_numbers
from services.contacts.contact.model import Contact, CustomerGround
from services.contacts.contact.rules import Ground, Lifecycle, customer_since, lifecycle_of
from services.contacts.settings.queries import setting_now

_grounds: Any = CustomerGround.__table__


def judge_lifecycles(work: Any, contacts: Sequence[Contact]) -> int:
    """Judge contacts whose rows are locked, by the policy of this moment; tell of those that are otherwise now.

    Whoever changes the policy judges everybody anew afterwards: since the policy is read behind the lock, no judgement
    by the earlier one comes later.
    """
    policy = setting_now(work, "lifecycle_policy")
    grounds = grounds_of(work, [contact.id for contact in contacts])
    judged = [(contact, _judged(contact, grounds.get(contact.id, []), policy)) for contact in contacts]
    changed = [(contact, row) for contact, row in judged if row is not None]
    _number(work, changed)
    _tell(work, changed)
    rows = [
        {**row, "id": contact.id, "version": contact.version + 1, **_changed(work, contact)} for contact, row in changed
    ]
    update_rows(work.session, Contact.__table__, rows)
    for contact, _ in changed:
        work.session.expire(contact)
    return len(changed)


def _changed(work: Any, contact: Contact) -> dict[str, Any]:
    return {"changed_at": work.now, "changed_by": work.cause_of(contact.id).actor.id}


def grounds_of(work: Any, contact_ids: Iterable[str]) -> dict[str, list[Ground]]:
    """What makes each of these contacts a customer, or once did."""
    columns = [_grounds.c[name] for name in Ground._fields]
    wanted = select(_grounds.c.contact_id, *columns).where(_grounds.c.contact_id.in_(list(contact_ids)))
    found: dict[str, list[Ground]] = defaultdict(list)
    for contact_id, *values in work.session.execute(wanted):
        found[contact_id].append(Ground(*values))
    return found


def _judged(contact: Contact, grounds: list[Ground], policy: str) -> dict[str, Any] | None:
    """The columns as they are to be, or None where nothing is otherwise."""
    after = lifecycle_of(
        grounds,
        entered_as=contact.entered_as,
        created_at=contact.created_at,
        policy=policy,
        first_booked_at=contact.first_booked_at,
    )
    if after == _standing(contact):
        return None
    told, booked = contact.customer_since_told, contact.first_booked_at
    return {
        "lifecycle": after.state,
        "lifecycle_reason": after.reason,
        "lifecycle_since": after.since,
        "customer_since": customer_since(grounds, told, policy=policy, first_booked_at=booked),
        "membership_number": contact.membership_number,
        "search": contact.search,
    }


def _standing(contact: Contact) -> Lifecycle:
    return Lifecycle(contact.lifecycle, contact.lifecycle_reason, contact.lifecycle_since)


def _number(work: Any, changed: Iterable[tuple[Contact, dict[str, Any]]]) -> None:
    """Give numbers to new customers: once, for ever, also if they become leads again."""
    new = [row for _, row in changed if row["lifecycle"] == "customer" and row["membership_number"] is None]
    for row, number in zip(new, new_membership_numbers(work, len(new)), strict=True):
        row |= {"membership_number": number, "search": f"{row['search']} {number}"}


def _tell(work: Any, changed: Sequence[tuple[Contact, dict[str, Any]]]) -> None:
    others = [(contact, row) for contact, row in changed if row["lifecycle"] == contact.lifecycle]
    work.record_many(
        contact_lifecycle_changed,
        [
            (
                contact.id,
                {
                    "before": contact.lifecycle,
                    "after": row["lifecycle"],
                    "reason": row["lifecycle_reason"],
                    "since": row["lifecycle_since"],
                    "membership_number": row["membership_number"],
                    "version": contact.version + 1,
                },
            )
            for contact, row in changed
            if row["lifecycle"] != contact.lifecycle
        ],
    )
    work.record_many(
        contact_changed,
        [
            (
                contact.id,
                {
                    "changes": _change("lifecycle_reason", contact.lifecycle_reason, row["lifecycle_reason"]),
                    "display_name": contact.display_name,
                    "version": contact.version + 1,
                },
            )
            for contact, row in others
        ],
    )


def _change(name: str, before: str, after: str) -> dict[str, dict[str, str]]:
    return {name: {"before": before, "after": after}}
