"""One step of an import: the next thousand rows, and everything that comes of them, in one transaction."""

from __future__ import annotations

from collections import Counter
from typing import Any

from contracts.contacts.import_results import import_finished
from contracts.contacts.importing import COMPANIES, OUTCOMES
from contracts.errors import Invalid
from services.contacts.fields.queries import all_fields
from services.contacts.importing.actions.keeping import keep_outcomes, keep_people
from services.contacts.importing.actions.remembering import recall_mapping, remember_mapping
from services.contacts.importing.actions.taking_in import Rows, system_of, take_in
from services.contacts.importing.model import Import
from services.contacts.importing.reading import next_rows, read_file
from services.contacts.importing.rules.layout import Layout

ROWS_A_STEP = 1000


def import_next_rows(work: Any, job: Any) -> None:
    """Have the file read in the first step, then take in its rows; the checkpoint is the last row taken in."""
    record = work.session.get_one(Import, job.input.get("import_id", job.id))
    try:
        if "row" not in job.checkpoint:
            _begin(work, job, record)
            return
        rows = next_rows(work, record, after=job.checkpoint["row"], count=ROWS_A_STEP)
    except Invalid as refusal:
        job.fail(refusal.detail)
        return
    if rows:
        counted = _import(work, record, rows)
        job.progress = {**job.progress, "done": job.progress["done"] + len(rows)}
        job.progress |= {name: job.progress.get(name, 0) + counted[name] for name in (*OUTCOMES, COMPANIES)}
        job.checkpoint = {**job.checkpoint, "row": rows[-1][0]}
    if len(rows) < ROWS_A_STEP:
        _finish(work, job, record)


def understand(work: Any, record: Import) -> Layout:
    """Have the file read through before anybody is entered: what refuses it, refuses it whole."""
    layout = Layout.from_dict(read_file(work, record))
    recall_mapping(work, record, layout)
    record.layout = layout.as_dict()
    return layout


def _begin(work: Any, job: Any, record: Import) -> None:
    if record.preview is None:
        layout = understand(work, record)
        if problems := layout.problems(record.mapping, all_fields(work)):
            raise Invalid.field("/file", problems[0])
        remember_mapping(work, record, layout)
    layout = Layout.from_dict(record.layout)
    job.checkpoint = {"row": layout.header_row}
    job.progress = {"total": layout.rows, "done": 0, **dict.fromkeys((*OUTCOMES, COMPANIES), 0)}


def _import(work: Any, record: Import, rows: Rows) -> Counter[str]:
    outcomes, crowd, _ = take_in(work, record, rows)
    of_rows = {outcome.line: outcome.person for outcome in outcomes if outcome.person}
    effects, refused = keep_people(work, crowd, record, system_of(record), of_rows)
    for outcome in outcomes:
        if refused and outcome.person and outcome.person.id in refused:
            outcome.outcome, outcome.told = "unchanged", {}
            outcome.remarks.append({"column": None, "detail": refused[outcome.person.id].detail})
    companies = crowd.employers.entered
    keep_outcomes(work, record.id, outcomes, companies, effects)
    return Counter(outcome.outcome for outcome in outcomes) + Counter({COMPANIES: len(companies)})


def _finish(work: Any, job: Any, record: Import) -> None:
    counts = {name: job.progress.get(name, 0) for name in (*OUTCOMES, COMPANIES)}
    told = {name: count for name, count in counts.items() if name != "blank"}
    work.record(import_finished, None, import_id=record.id, file_name=record.file_name, **told)
    job.finish(**counts)
