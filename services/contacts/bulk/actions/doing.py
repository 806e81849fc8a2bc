"""One step: the next thousand contacts, what is done to them, and the result of each, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.rows import insert_rows
from contracts.errors import NotFound
from services.contacts.bulk.actions.deeds import DEEDS, STANDING_AFTER, UNCHANGED, Result
from services.contacts.bulk.model import BulkAction, BulkResult
from services.contacts.contact.actions import why_not_changeable
from services.contacts.contact.model import Contact
from services.contacts.selecting.queries import count_selected, next_selected

CONTACTS_A_STEP = 1000
_COLUMNS = (
    Contact.id, Contact.standing, Contact.merged_into, Contact.lifecycle, Contact.acquisition, Contact.version,
    Contact.display_name,
)  # fmt: skip


def do_next(work: Any, job: Any) -> None:
    """Count whom there is to come to in the first step, then come to them by id; the checkpoint is the last one."""
    bulk = work.session.get_one(BulkAction, job.id)
    if not job.progress:
        job.progress = {"total": count_selected(work, bulk.selection), "done": 0}
        return
    contact_ids = next_selected(work, bulk.selection, job.checkpoint.get("after"), CONTACTS_A_STEP)
    if contact_ids:
        try:
            counted = _do(work, bulk, contact_ids)
        except NotFound as refusal:  # the group is gone meanwhile
            job.fail(refusal.detail)
            return
        job.checkpoint = {"after": contact_ids[-1]}
        counts = {outcome: job.progress.get(outcome, 0) + count for outcome, count in counted.items()}
        job.progress = {**job.progress, **counts, "done": job.progress["done"] + len(contact_ids)}
    if len(contact_ids) < CONTACTS_A_STEP:
        job.finish(**job.progress)


def _do(work: Any, bulk: BulkAction, contact_ids: Sequence[str]) -> Counter[str]:
    wanted = select(*_COLUMNS).where(Contact.id.in_(contact_ids)).order_by(Contact.id)
    held = {row.id: row for row in work.session.execute(wanted.with_for_update(key_share=True))}
    judged = {contact_id: _judged(bulk.action, held.get(contact_id)) for contact_id in contact_ids}
    results = {contact_id: result for contact_id, result in judged.items() if result}
    left = [held[contact_id] for contact_id in contact_ids if contact_id not in results]
    results |= DEEDS[bulk.action](work, bulk, left) if left else {}
    rows = [
        {"bulk_id": bulk.id, "contact_id": contact_id, "outcome": result.outcome, "detail": result.detail}
        for contact_id, result in results.items()
    ]
    insert_rows(work.session, BulkResult.__table__, rows)
    return Counter(result.outcome for result in results.values())


def _judged(action: str, contact: Any) -> Result | None:
    """What is known before anything is done; None: it is to be done."""
    wanted = STANDING_AFTER.get(action)
    if contact is not None and wanted and not contact.merged_into:
        return UNCHANGED if contact.standing == wanted else None
    problem = why_not_changeable(contact)
    return Result("refused", problem.detail) if problem else None
