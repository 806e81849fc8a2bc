"""Rows of a file, read and matched with whoever is here: what would become of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select

from contracts.contacts.importing import OWN_FIELD
from contracts.errors import Invalid
from services.contacts.card.queries.terms import Terms, terms_for
from services.contacts.card.rules import Card, read_card
from services.contacts.companies.queries import companies_named
from services.contacts.contact.rules import fold
from services.contacts.external_ids.rules import system_key
from services.contacts.fields.queries import all_fields
from services.contacts.importing.model import Import
from services.contacts.importing.queries.people import people_like
from services.contacts.importing.queries.referrers import referrers_of
from services.contacts.importing.rules.adding import NOT_FOUND
from services.contacts.importing.rules.columns import Column
from services.contacts.importing.rules.employers import Employers, is_nobody
from services.contacts.importing.rules.layout import Layout
from services.contacts.importing.rules.matching import Crowd, Outcome
from services.contacts.importing.rules.rows import Row, RowReader, card_of

ROWS_A_BREATH = 50
_alone = select(func.pg_advisory_xact_lock(func.hashtext("companies of imports")))
Rows = Sequence[tuple[int, list[str]]]


class Taken(NamedTuple):
    """What becomes of rows; `read` are those that read well, by their line."""

    outcomes: list[Outcome]
    crowd: Crowd
    read: Mapping[int, tuple[Row, Card]]


def take_in(work: Any, record: Import, rows: Rows, *, hold: bool = True) -> Taken:
    """Decide what becomes of each row; nothing is written yet, and `hold` keeps who is here as they are until then."""
    layout = Layout.from_dict(record.layout)
    columns = layout.columns(record.mapping, all_fields(work))
    terms = _terms(work, record, columns)
    order = record.wishes.get("date_order")
    month_first = {"month_first": layout.header, "day_first": ()}.get(order or "", layout.month_first)
    reader = RowReader(layout.header, columns, layout.export, month_first, layout.epoch, terms["fields"])
    outcomes: list[Outcome] = []
    read: dict[int, tuple[Row, Card]] = {}
    for number, cells in rows:
        if number % ROWS_A_BREATH == 0:
            work.breathe()
        row = reader.row(number, cells)
        if row is None:
            outcomes.append(Outcome(number, "blank"))
            continue
        card = card_of(row, terms)
        if card is None:
            outcomes.append(Outcome(number, "rejected", remarks=row.reasons, cells=cells))
        else:
            read[number] = row, card
    employers, missing = _employers(work, record, list(read.values()), terms, hold=hold)
    crowd = Crowd(record.match_on, record.mode, record.on_conflict, employers, source=record.file_name[:100])
    like = people_like(work, list(read.values()), system_of(record), missing, import_id=record.id, hold=hold)
    for person in like:
        crowd.admit(person)
    crowd.referrers = referrers_of(work, list(read.values()), crowd, terms["region"])
    cells_of = dict(rows)
    for row, card in read.values():
        outcome = crowd.settle(row, card)
        if outcome.outcome == "rejected":
            outcome.cells = cells_of[row.number]
        outcomes.append(outcome)
    _settle_referrers(outcomes, read)
    return Taken(outcomes, crowd, read)


def _employers(
    work: Any, record: Import, read: Sequence[tuple[Row, Card]], terms: Terms, *, hold: bool
) -> tuple[Employers, set[str]]:
    """The companies that the rows name, and the folded names of those that are not here and to be entered."""
    names = {row.beside.company for row, card in read if row.beside.company and card.profile["kind"] == "person"}
    here = companies_named(work, names)
    if record.companies != "create" or record.mode == "update":
        return Employers(here), set()
    wanted = {fold(name) for name in names if not is_nobody(name)}
    if hold and wanted - here.keys():
        work.session.execute(_alone)  # of two imports the second waits for the companies of the first, and finds them
        here = companies_named(work, names)
    source = record.file_name[:100]

    def card_of(name: str) -> Card | None:
        try:
            return read_card({"kind": "company", "name": name, "source": source}, **terms)
        except Invalid:
            return None

    return Employers(here, card_of), wanted - here.keys()


def _settle_referrers(outcomes: Sequence[Outcome], read: Mapping[int, tuple[Row, Card]]) -> None:
    """Keep in words who was referred by a row that came to nobody."""
    entered = {outcome.line for outcome in outcomes if outcome.person}
    for outcome in outcomes:
        person = outcome.person
        if person and person.new_referrers and person.new_referrers[0][0] in read.keys() - entered:
            [(_, words)] = person.new_referrers
            person.new_referrers, person.referred_by = [], None
            person.new_notes.append(read[outcome.line][0].beside.referrer_said[1])
            outcome.remarks.append({"column": None, "detail": NOT_FOUND.format(words)})


def _terms(work: Any, record: Import, columns: Sequence[Column | None]) -> Terms:
    """By what the rows are read: the settings of the business, unless the import says otherwise."""
    fields = {column.field for column in columns if column}
    asked = {name: name for name in fields & {"location"}}
    own = [name.removeprefix(OWN_FIELD) for name in fields if name.startswith(OWN_FIELD)]
    terms = terms_for(work, [{**asked, "fields": dict.fromkeys(own)}])
    if record.wishes.get("region"):
        terms["region"] = record.wishes["region"]
    return terms


def system_of(record: Import) -> str:
    """Whose ids the external ids of the file are: as was said, else the system whose export it is."""
    export = Layout.from_dict(record.layout).export
    return system_key(record.wishes.get("external_system") or (export.name if export.known_by else "import"))
