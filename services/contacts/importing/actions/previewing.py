"""What an import would do, told before it does anything."""

from __future__ import annotations

from collections import Counter
from typing import Any

from contracts.contacts.importing import OUTCOMES
from contracts.errors import Invalid
from services.contacts.card.rules import plain_card
from services.contacts.fields.queries import all_fields
from services.contacts.importing.actions.stepping import understand
from services.contacts.importing.actions.taking_in import Taken, take_in
from services.contacts.importing.model import Import
from services.contacts.importing.queries.imports import import_of
from services.contacts.importing.reading import first_rows
from services.contacts.importing.rules.doubting import doubts_of
from services.contacts.importing.rules.guessing import guesses
from services.contacts.importing.rules.layout import Layout
from services.contacts.importing.rules.matching import Outcome

SAMPLED = 1000
SHOWN = 20


def preview_rows(work: Any, job: Any) -> None:
    """Read the file, and the first of its rows as an import would; of several corrections only the last is kept."""
    record = work.session.get_one(Import, job.input["import_id"])
    if record.version != job.input["version"]:
        job.finish(superseded=True)
        return
    try:
        layout = understand(work, record)
        preview = _preview(work, record, layout)
    except Invalid as refusal:
        job.fail(refusal.detail)
        return
    found, mapping, mapping_id = record.layout, record.mapping, record.mapping_id
    held = import_of(work, record.id, lock=True)
    work.session.refresh(held)
    if held.version != job.input["version"]:
        job.finish(superseded=True)
        return
    held.layout, held.mapping, held.mapping_id, held.preview = found, mapping, mapping_id, preview
    job.finish(total=layout.rows)


def _preview(work: Any, record: Import, layout: Layout) -> dict[str, Any]:
    custom = all_fields(work)
    problems = layout.problems(record.mapping, custom)
    taken = None
    if not problems:
        taken = take_in(work, record, first_rows(record, SAMPLED), hold=False)
    counted = Counter(outcome.outcome for outcome in taken.outcomes) if taken else Counter()
    return {
        "total": layout.rows,
        "sampled": counted.total(),
        "counted_rows": counted.total(),
        "all_counted": taken is not None and counted.total() >= layout.rows,
        "counts": {name: counted[name] for name in OUTCOMES},
        "new_companies": [company.name for company in taken.crowd.employers.entered] if taken else [],
        "problems": problems,
        "doubts": doubts_of(card for _, card in taken.read.values()) if taken else [],
        "columns": guesses(layout, record.mapping, remembered=record.mapping_id is not None, custom=custom),
        "rows": _rows(taken) if taken else [],
    }


def _rows(taken: Taken) -> list[dict[str, Any]]:
    outcomes = sorted((one for one in taken.outcomes if one.outcome != "blank"), key=lambda one: one.line)
    return [_row(outcome, taken) for outcome in outcomes[:SHOWN]]


def _row(outcome: Outcome, taken: Taken) -> dict[str, Any]:
    row, card = taken.read.get(outcome.line, (None, None))
    contact = None
    if row and card:
        contact = {name: value for name, value in {**plain_card(card), "fields": card.fields}.items() if value}
        beside = {
            "customer_since": row.customer_since and row.customer_since.isoformat(),
            "membership_number": row.membership_number,
            "external_id": row.external_id,
            "rapport_id": row.rapport_id,
            "tags": row.tags,
            "notes": row.words(),
            "emergency_contact": row.beside.whom,
            "marketing": row.beside.consents,
        }
        contact |= {name: value for name, value in beside.items() if value}
    return {
        "line": outcome.line,
        "outcome": outcome.outcome,
        "contact_id": outcome.person.id if outcome.person else None,
        "contact": contact,
        "changes": outcome.told.get("changes"),
        "added": outcome.told.get("added"),
        "not_taken": outcome.told.get("not_taken", []),
        "remarks": outcome.remarks,
    }
