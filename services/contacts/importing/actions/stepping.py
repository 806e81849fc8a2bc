"""One step of an import: the next thousand rows, and everything that comes of them, in one transaction."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chassis import storage
from chassis.cpu import in_thread
from contracts.contacts.importing import import_finished
from contracts.errors import Invalid
from services.contacts.card.rules import Card
from services.contacts.importing.actions.keeping import keep_outcomes, keep_people
from services.contacts.importing.model import Import
from services.contacts.importing.queries.people import people_like
from services.contacts.importing.reading import next_rows
from services.contacts.importing.rules.columns import columns_of
from services.contacts.importing.rules.exports import export_of
from services.contacts.importing.rules.matching import Crowd, Outcome
from services.contacts.importing.rules.rows import Row, RowReader, card_of
from services.contacts.importing.rules.sheet import Layout, Survey, surveyed
from services.contacts.settings.queries import setting

ROWS_A_STEP = 1000
ROWS_A_BREATH = 50
COUNTS = ("created", "updated", "unchanged", "rejected", "blank")


def import_next_rows(work: Any, job: Any) -> None:
    """Survey the file in the first step, then take in its rows; the checkpoint is the last row taken in."""
    record = work.session.get_one(Import, job.id)
    if "row" not in job.checkpoint:
        _survey(work, job, record)
        return
    layout = Layout.from_dict(record.layout)
    try:
        rows = next_rows(record.id, record.file_key, layout, after=job.checkpoint["row"], count=ROWS_A_STEP)
    except Invalid as refusal:
        job.fail(refusal.detail)
        return
    if rows:
        outcomes = _take_in(work, record, layout, rows, month_first=frozenset(job.checkpoint["month_first"]))
        keep_outcomes(work, record.id, outcomes)
        counted = Counter(outcome.outcome for outcome in outcomes)
        job.progress = {**job.progress, "done": job.progress["done"] + len(rows)}
        job.progress |= {name: job.progress[name] + counted[name] for name in COUNTS}
        job.checkpoint = {**job.checkpoint, "row": rows[-1][0]}
    if len(rows) < ROWS_A_STEP:
        _finish(work, job, record)


def _survey(work: Any, job: Any, record: Import) -> None:
    """Read the file through once, before anybody is entered: what refuses it, refuses it whole."""
    try:
        survey = in_thread(_read_through, record.file_key, record.mapping)
    except Invalid as refusal:
        job.fail(refusal.detail)
        return
    record.layout = survey.layout.as_dict()
    job.checkpoint = {"row": survey.layout.header_row, "month_first": sorted(survey.month_first)}
    job.progress = {"total": survey.rows, "done": 0, **dict.fromkeys(COUNTS, 0)}


def _read_through(file_key: str, mapping: dict[str, str]) -> Survey:
    with storage.open(file_key) as stream:
        return surveyed(stream, mapping)


def _take_in(
    work: Any, record: Import, layout: Layout, rows: list[tuple[int, list[str]]], *, month_first: frozenset[str]
) -> list[Outcome]:
    header = layout.header
    reader = RowReader(header, columns_of(header, record.mapping), export_of(header), month_first)
    region, today = setting(work, "default_region"), work.now.date()
    outcomes: list[Outcome] = []
    read: list[tuple[Row, Card]] = []
    for number, cells in rows:
        if number % ROWS_A_BREATH == 0:
            work.breathe()
        row = reader.row(number, cells)
        if row is None:
            outcomes.append(Outcome(number, "blank"))
            continue
        row.given["source"] = record.file_name[:100]
        card = card_of(row, region=region, today=today)
        if card is None:
            outcomes.append(Outcome(number, "rejected", remarks=row.reasons, cells=cells))
        else:
            read.append((row, card))
    crowd = Crowd(record.match_on, record.mode)
    for person in people_like(work, [card for _, card in read]):
        crowd.admit(person)
    cells_of = dict(rows)
    for row, card in read:
        outcome = crowd.settle(row, card)
        if outcome.outcome == "rejected":
            outcome.cells = cells_of[row.number]
        outcomes.append(outcome)
    refused = keep_people(work, crowd)
    for outcome in outcomes:
        if refused and outcome.person and outcome.person.id in refused:
            outcome.outcome = "unchanged"
            outcome.remarks.append({"column": None, "detail": refused[outcome.person.id].detail})
    return outcomes


def _finish(work: Any, job: Any, record: Import) -> None:
    counts = {name: job.progress[name] for name in COUNTS}
    told = {name: count for name, count in counts.items() if name != "blank"}
    work.record(import_finished, None, import_id=record.id, file_name=record.file_name, **told)
    job.finish(**counts)
