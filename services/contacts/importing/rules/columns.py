"""What a column means, told by its header."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from contracts.contacts.importing import LEFT_OUT, OWN_FIELD
from services.contacts.fields.rules import NO_FIELDS, Fields, field_of_column
from services.contacts.importing.rules.headers import SYNONYMS

_NOTHING: Mapping[str, str | None] = {}
_SEVERAL = ("tags", "note", "in_note", "marketing_email_refused")
ADDRESS_PARTS = ("street", "extended", "po_box", "city", "region", "postal_code", "country", "formatted")


@dataclass(frozen=True)
class Column:
    """One column's meaning: `part` of the thing of `group` among the `field`s, labelled `label` by default."""

    field: str
    part: str = "value"
    group: str = ""
    label: str = ""

    def __str__(self) -> str:
        return " ".join(word for word in (self.field, self.group, "" if self.part == "value" else self.part) if word)


_PRIVATE = re.compile(r"(.*) (privat|geschäftlich)")
_ENGLISH = {"privat": "home", "geschäftlich": "business"}
_LABELS = "home|work|personal|business|primary|other|main|mobile|company|billing|service|mailing"
_EMAIL = re.compile(
    rf"(?:(?P<label>{_LABELS}) )?(?:e ?mail|mail)(?: address| adresse)?(?: (?P<group>\d+))?"
    r"(?: (?P<part>value|label|type|address|adresse))?"
)
_PHONE = re.compile(
    rf"(?:(?P<label>{_LABELS}) )?(?P<kind>phone|telephone|mobile|cell|cell phone|telefon|téléphone|teléfono|handy|"
    r"mobiltelefon)"
    r"(?: number)?(?: (?P<group>\d+))?(?: (?P<part>value|label|type))?"
)
_PLACE = (
    "formatted|street|street address|address line|city|town|po box|region|state|state region|province|county|"
    "postal code|postcode|zip|zip code|zip postal code|country|country region|extended address|"
    "straße|ort|plz|postleitzahl|bundesland kanton|land|land region|ville|code postal|pays|ciudad|città"
)
_ADDRESS = re.compile(
    rf"(?:(?P<label>{_LABELS}) )?(?:address(?: (?P<group>\d+))?(?: (?P<part>label|type|{_PLACE}))?|(?P<alone>{_PLACE}))"
)
_CUSTOM = re.compile(r"custom field (?P<group>\d+) (?P<part>label|type|value)")
_PARTS = {
    "type": "label",
    "address": "value",
    "adresse": "value",
    "": "street",
    "street address": "street",
    "address line": "street",
    "straße": "street",
    "town": "city",
    "ort": "city",
    "ville": "city",
    "ciudad": "city",
    "città": "city",
    "po box": "po_box",
    "extended address": "extended",
    "state": "region",
    "state region": "region",
    "province": "region",
    "county": "region",
    "postal code": "postal_code",
    "postcode": "postal_code",
    "zip": "postal_code",
    "zip code": "postal_code",
    "zip postal code": "postal_code",
    "plz": "postal_code",
    "postleitzahl": "postal_code",
    "bundesland kanton": "region",
    "land region": "country",
    "code postal": "postal_code",
    "country region": "country",
    "land": "country",
    "pays": "country",
}


def plain(header: str) -> str:
    """A header without case, punctuation and doubled spaces: `E-mail 1 - Value` is `e mail 1 value`."""
    folded = unicodedata.normalize("NFC", header.strip("\ufeff ")).casefold().replace("&", " and ")
    return " ".join(re.sub(r"[^\w]|_", " ", folded).split()).replace("strasse", "straße")


@cache
def column_of(header: str) -> Column | None:
    """Tell what a column of this header holds, or None."""
    name = plain(header)
    if german := _PRIVATE.fullmatch(name):  # Outlook's "Ort privat" is "home city"
        name = f"{_ENGLISH[german[2]]} {german[1]}"
    if not name:
        return None
    if name in SYNONYMS:
        return Column(SYNONYMS[name])
    for field, pattern in (("email", _EMAIL), ("phone", _PHONE), ("custom", _CUSTOM), ("address", _ADDRESS)):
        if found := pattern.fullmatch(name):
            return _column(field, found.groupdict())
    return None


def _column(field: str, found: Mapping[str, str | None]) -> Column:
    part = found.get("part") or found.get("alone") or ("" if field == "address" else "value")
    label = found.get("label") or ""
    if found.get("kind") in ("mobile", "cell", "cell phone", "handy", "mobiltelefon"):
        label = "mobile"
    return Column(field, _PARTS.get(part, part), found.get("group") or label, label)


def known_headers(headers: Sequence[str]) -> list[Column]:
    """The columns whose header says what they hold."""
    return [column for column in map(column_of, headers) if column]


def columns_of(
    headers: Sequence[str],
    mapping: Mapping[str, str],
    *,
    emails: Sequence[str] = (),
    means: Mapping[str, str | None] = _NOTHING,
    custom: Fields = NO_FIELDS,
) -> list[Column | None]:
    """Give each column its meaning: as mapped by hand, else by its header, else `emails` by what the cells look like.

    `means` are headers that mean something of their own in this export, `custom` the fields that the business made.

    Of two columns of the same meaning both are kept where a contact can have several, else the first.
    """
    columns: list[Column | None] = []
    taken: set[Column] = set()
    for position, header in enumerate(headers):
        if header in mapping:
            column = _by_hand(mapping[header], position)
        elif plain(header) in means and means[plain(header)] != "in_note":
            meaning = means[plain(header)]
            column = Column(meaning) if meaning else None
        elif own := field_of_column(header, custom):
            column = Column(OWN_FIELD + own.key)
        elif plain(header) in means:
            column = Column("in_note")
        else:
            column = column_of(header) or (Column("email", group=f"at {position}") if header in emails else None)
        if column in taken and column is not None:
            several = column.field in ("email", "phone")
            column = Column(column.field, column.part, f"at {position}", column.label) if several else None
        if column is not None and column.field not in _SEVERAL:
            taken.add(column)
        columns.append(column)
    return columns


def _by_hand(target: str, position: int) -> Column | None:
    if target == LEFT_OUT:
        return None
    if target in ADDRESS_PARTS:
        return Column("address", target)
    if target in ("email", "phone"):
        return Column(target, group=f"at {position}")
    return Column("job" if target == "job_title" else target)
