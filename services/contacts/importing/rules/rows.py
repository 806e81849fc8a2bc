"""How a row of cells becomes what a contact's card is read from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from contracts.contacts.importing import OWN_FIELD
from contracts.contacts.people import LIMIT_OF_EACH
from contracts.errors import Invalid
from services.contacts.card.rules import Card, read_card
from services.contacts.fields.rules import NO_FIELDS, Fields, value_of_cell
from services.contacts.importing.rules import beside
from services.contacts.importing.rules.beside import Beside, read_beside, settle_consents, settle_whom
from services.contacts.importing.rules.cells import clean_cell, gender_of, label_of
from services.contacts.importing.rules.columns import Column
from services.contacts.importing.rules.countries import code_of
from services.contacts.importing.rules.dates import date_in, is_no_date, is_yearless
from services.contacts.importing.rules.exports import SEVERAL, Export, tags_in
from services.contacts.importing.rules.names import name_of_a_count, settle_name

_CALLED = ("first_name", "last_name", "preferred_name", "emails", "phones")
_SAID_IN_THE_NOTE = ("job", "department", "in_note")
_IN_GROUPS = ("email", "phone", "address", "custom")
_LONGEST = {"first_name": 100, "last_name": 100, "preferred_name": 100, "gender": 40, "website": 300, "industry": 100,
            "note": 20_000, "street": 300, "city": 120, "region": 120, "postal_code": 30, "country": 60, "email": 254,
            "phone": 60, "membership_number": 40, "location": 100, "source": 100}  # fmt: skip


@dataclass(slots=True)
class Row:
    """What a row says: `given` in the shape of `CreateContact`, and what lies outside of the card.

    `said` is what has no place but a note. `at` tells for a JSON pointer into `given` the column that it came from;
    `reasons` are why the row is rejected.
    """

    number: int
    given: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    customer_since: Any = None
    membership_number: str | None = None
    external_id: str | None = None
    rapport_id: str | None = None
    beside: Beside = field(default_factory=Beside)
    at: dict[str, str] = field(default_factory=dict)
    reasons: list[dict[str, str | None]] = field(default_factory=list)

    def words(self, *, affiliated: bool = False, referred: bool = False) -> list[str]:
        """The notes, the last of them of what has no other place; the company of a person only if it has none, as who
        referred them."""
        company = [f"Company: {self.beside.company}"] if self.beside.company and not affiliated else []
        lines = list(self.said)
        if self.beside.referrer and not referred:
            lines.insert(*self.beside.referrer_said)
        said = "\n".join([*company, *lines])
        return [*self.notes, said] if said else self.notes

    def refuse(self, column: str | None, detail: str) -> None:
        self.reasons.append({"column": column, "detail": detail})


class RowReader:
    """Reads the rows of one file, in all of which the same cell means the same."""

    def __init__(
        self,
        header: Sequence[str],
        columns: Sequence[Column | None],
        export: Export,
        month_first: Collection[str] = (),
        epoch: int | None = None,
        custom: Fields = NO_FIELDS,
    ) -> None:
        self.header, self.export, self.month_first, self.epoch = header, export, frozenset(month_first), epoch
        self.custom = custom
        self.single: list[tuple[int, str]] = []
        self.groups: dict[str, dict[str, dict[str, int]]] = {name: defaultdict(dict) for name in _IN_GROUPS}
        self.labels: dict[tuple[str, str], str] = {}
        for position, column in enumerate(columns):
            if column is None:
                continue
            if column.field in _IN_GROUPS:
                self.groups[column.field][column.group][column.part] = position
                self.labels[column.field, column.group] = column.label
            else:
                self.single.append((position, column.field))

    def row(self, number: int, cells: Sequence[str]) -> Row | None:
        """Read one row; None when all its cells are blank. Every reason is told, not only the first."""
        cells = [cell and clean_cell(cell) for cell in cells]
        if not any(cells):
            return None
        row = Row(number)
        if any(cells[len(self.header) :]):
            row.refuse(None, "The row has more cells than the header has columns.")
        cells += [""] * (len(self.header) - len(cells))
        said: list[str] = []
        self._read_single(row, cells, said)
        self._read_addresses(row, cells)
        self._read_several(row, cells, "email", "emails")
        self._read_several(row, cells, "phone", "phones")
        self._read_custom(cells, said)
        if counted := name_of_a_count(row.given, row.external_id):
            row.refuse(row.at[f"/{counted}"], "This line counts the list, and is nobody's.")
        row.beside.company = settle_name(row.given, said)
        settle_consents(row.beside)
        row.said = said
        return row

    def _read_single(self, row: Row, cells: Sequence[str], said: list[str]) -> None:
        for position, name in self.single:
            cell = cells[position]
            if not cell:
                continue
            if name == "tags":
                row.tags += [tag for tag in tags_in(cell, self.export) if tag not in row.tags]
                if any(len(tag) > 60 for tag in row.tags):
                    row.refuse(self.header[position], "A tag has more than 60 characters.")
            elif name == "note":
                if self._fits(row, position, name, cell):
                    row.notes.append(cell)
            elif name in ("birthday", "customer_since"):
                self._read_date(row, position, name, cell, said)
            elif name.startswith(OWN_FIELD):
                self._read_own(row, position, name.removeprefix(OWN_FIELD), cell)
            elif name == "rapport_id":
                self._read_rapport_id(row, position, cell)
            elif name in ("membership_number", "external_id"):
                if self._fits(row, position, name, cell):
                    setattr(row, name, cell)
                    row.at[f"/{name}"] = self.header[position]
            elif name in beside.FIELDS:
                read_beside(row.beside, name, cell, self.header[position], said, self._date_in(position))
            elif name == "referred_by":
                row.beside.referrer, row.beside.referrer_said = cell, (len(said), f"{self.header[position]}: {cell}")
            elif name in _SAID_IN_THE_NOTE:
                row.beside.title = cell[:100] if name == "job" else row.beside.title
                said.append(f"{self.header[position]}: {cell}")
            elif (kept := gender_of(cell) if name == "gender" else cell) and self._fits(row, position, name, cell):
                row.given[name] = kept
                row.at[f"/{name}"] = self.header[position]

    def _read_rapport_id(self, row: Row, position: int, cell: str) -> None:
        try:
            row.rapport_id = str(UUID(cell))
        except ValueError:
            row.refuse(self.header[position], "This is no id of Rapport; leave the cell empty for somebody new.")

    def _read_date(self, row: Row, position: int, name: str, cell: str, said: list[str]) -> None:
        header = self.header[position]
        if is_no_date(cell):
            return
        if is_yearless(cell):
            said.append(f"{header}: {cell}")
            return
        try:
            date = self._date_in(position)(cell)
        except ValueError as problem:
            row.refuse(header, str(problem))
            return
        if name == "birthday":
            row.given["birthday"] = date
            row.at["/birthday"] = header
        else:
            row.customer_since = date

    def _date_in(self, position: int) -> Callable[[str], dt.date]:
        return partial(date_in, month_first=self.header[position] in self.month_first, epoch=self.epoch)

    def _read_own(self, row: Row, position: int, key: str, cell: str) -> None:
        header = self.header[position]
        if key not in self.custom:
            row.refuse(header, f"There is no custom field “{key}”.")
            return
        try:
            row.given.setdefault("fields", {})[key] = value_of_cell(self.custom[key], cell, self._date_in(position))
        except ValueError as problem:
            row.refuse(header, str(problem))
        row.at[f"/fields/{key}"] = header

    def _read_addresses(self, row: Row, cells: Sequence[str]) -> None:
        addresses: list[dict[str, str]] = []
        for group, parts in self.groups["address"].items():
            given = {part: cells[position] for part, position in parts.items() if cells[position]}
            label = label_of(given.pop("label", "") or self.labels["address", group])
            formatted = given.pop("formatted", "")
            lines = [given.pop(part, "") for part in ("street", "extended", "po_box")]
            street = "\n".join(filter(None, lines)) or ("" if given else formatted)
            if not (given or street):
                continue
            first = next(iter(parts.values()))
            fits = [self._fits(row, parts.get(part, first), part, cell) for part, cell in given.items()]
            fits.append(self._fits(row, parts.get("street", first), "street", street))
            if not all(fits):
                continue
            if "country" in given:
                row.at[f"/addresses/{len(addresses)}/country"] = self.header[parts["country"]]
                given["country"] = code_of(given["country"])
            addresses.append({"label": label, "street": street, **given})
        if addresses:
            row.given["addresses"] = addresses

    def _read_several(self, row: Row, cells: Sequence[str], name: str, plural: str) -> None:
        found: list[dict[str, str]] = []
        for group, parts in self.groups[name].items():
            position = parts.get("value")
            if position is None or not cells[position]:
                continue
            label = label_of((cells[parts["label"]] if "label" in parts else "") or self.labels[name, group])
            for value in filter(None, map(str.strip, cells[position].split(SEVERAL))):
                if self._fits(row, position, name, value):
                    row.at[f"/{plural}/{len(found)}/value"] = self.header[position]
                    found.append({"value": value, "label": label})
        if len(found) > LIMIT_OF_EACH:
            row.refuse(None, f"There are more than {LIMIT_OF_EACH} {plural}.")
        elif found:
            row.given[plural] = found

    def _read_custom(self, cells: Sequence[str], said: list[str]) -> None:
        for parts in self.groups["custom"].values():
            value = cells[parts["value"]] if "value" in parts else ""
            if value:
                label = cells[parts["label"]] if "label" in parts else ""
                said.append(f"{label.removeprefix('* ') or self.header[parts['value']]}: {value}")

    def _fits(self, row: Row, position: int, name: str, cell: str) -> bool:
        longest = _LONGEST.get(name, 200)
        if len(cell) > longest:
            row.refuse(self.header[position], f"There are more than {longest} characters.")
        return len(cell) <= longest


def card_of(row: Row, terms: Mapping[str, Any]) -> Card | None:
    """Read the card that a row gives; None when anything in the row is wrong, with every reason on the row."""
    by_id_alone = row.rapport_id and row.given["kind"] == "person" and not any(map(row.given.get, _CALLED))
    given = {**row.given, "first_name": row.rapport_id} if by_id_alone else row.given
    try:
        card = read_card(given, **terms)
    except Invalid as refusal:
        for error in refusal.errors:
            row.refuse(row.at.get(error["pointer"]), error["detail"])
        return None
    if by_id_alone:
        card.profile["first_name"] = None
    home = next((address.country for address in card.addresses if address.primary), "")
    if words := settle_whom(row.beside, (home, terms["region"])):
        row.notes.append(words)
    return None if row.reasons else card
