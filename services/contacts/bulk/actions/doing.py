"""One step: the next contacts, what is done to them, and the result of each, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, cast, select, text

from chassis.rows import array_of
from chassis.wire import dumps
from contracts.errors import NotFound
from services.contacts.bulk.actions.archiving import CONTACTS_A_STEP, Asked, archive
from services.contacts.bulk.actions.deeds import ALIKE, DEEDS, STANDING_AFTER, UNCHANGED, Result
from services.contacts.bulk.model import BulkAction
from services.contacts.contact.actions import why_not_changeable
from services.contacts.contact.model import Contact
from services.contacts.selecting.queries import count_selected, next_selected

ALIKE_A_STEP = 4000
"""Where the same is done to all in one statement, a contact is held for no longer than elsewhere in a smaller step."""
_HOLD = (
    select(
        cast(Contact.id, Text).label("id"), Contact.standing, Contact.merged_into, Contact.lifecycle,
        Contact.acquisition, Contact.version, Contact.display_name,
    )
    .where(Contact.id == any_(cast(bindparam("contacts", type_=Text), ARRAY(Uuid))))
    .order_by(Contact.id)
    .with_for_update(key_share=True)
)  # fmt: skip
_HOLD_ALIKE = _HOLD.with_only_columns(cast(Contact.id, Text).label("id"), Contact.standing, Contact.merged_into)
"""Who is done the same as everybody is not asked about themselves."""
_KEEP = text("""
    INSERT INTO bulk_results (bulk_id, contact_id, outcome, detail)
    SELECT :bulk, unnest(CAST(contacts AS uuid[])), outcome, detail
    FROM jsonb_to_recordset(CAST(:results AS jsonb)) AS alike (outcome text, detail text, contacts text)
""")


def do_next(work: Any, job: Any, asked: Asked | None) -> None:
    """Count whom there is to come to in the first step, then come to them by id; the checkpoint is the last one.

    Before somebody is archived, billing was `asked`.
    """
    bulk = work.session.get_one(BulkAction, job.id)
    if not job.progress:
        job.progress = {"total": count_selected(work, bulk.selection), "done": 0}
        return
    at_once = ALIKE_A_STEP if bulk.action in ALIKE else CONTACTS_A_STEP
    contact_ids = (
        asked.contact_ids if asked else next_selected(work, bulk.selection, job.checkpoint.get("after"), at_once)
    )
    if contact_ids:
        try:
            counted = _do(work, bulk, contact_ids, asked)
        except NotFound as refusal:  # the group is gone meanwhile
            job.fail(refusal.detail)
            return
        job.checkpoint = {"after": contact_ids[-1]}
        counts = {outcome: job.progress.get(outcome, 0) + count for outcome, count in counted.items()}
        job.progress = {**job.progress, **counts, "done": job.progress["done"] + len(contact_ids)}
    if len(contact_ids) < at_once:
        job.finish(**job.progress)


def _do(work: Any, bulk: BulkAction, contact_ids: Sequence[str], asked: Asked | None) -> dict[str, int]:
    """Do it to those who can be held, and keep the result of each; tell how many came to which outcome."""
    hold = _HOLD_ALIKE if bulk.action in ALIKE else _HOLD
    held = {row.id: row for row in work.session.execute(hold, {"contacts": array_of(contact_ids)})}
    judged = {contact_id: _judged(bulk.action, held.get(contact_id)) for contact_id in contact_ids}
    results = {contact_id: result for contact_id, result in judged.items() if result}
    left = [held[contact_id] for contact_id in contact_ids if contact_id not in results]
    if left:
        results |= archive(work, bulk, left, asked) if asked else DEEDS[bulk.action](work, bulk, left)
    return _keep(work, bulk, results)


def _keep(work: Any, bulk: BulkAction, results: Mapping[str, Result]) -> dict[str, int]:
    alike: dict[Result, list[str]] = defaultdict(list)
    for contact_id, result in results.items():
        alike[result].append(contact_id)
    told = [result._asdict() | {"contacts": array_of(several)} for result, several in alike.items()]
    work.session.execute(_KEEP, {"bulk": bulk.id, "results": dumps(told)})
    counted: dict[str, int] = defaultdict(int)
    for result, several in alike.items():
        counted[result.outcome] += len(several)
    return counted


def _judged(action: str, contact: Any) -> Result | None:
    """What is known before anything is done; None: it is to be done."""
    wanted = STANDING_AFTER.get(action)
    if contact is not None and wanted and not contact.merged_into:
        return UNCHANGED if contact.standing == wanted else None
    problem = why_not_changeable(contact)
    return Result("refused", problem.detail) if problem else None
