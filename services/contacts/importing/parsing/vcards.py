"""A file of vCards (2.1, 3.0 or 4.0) as a table, a row a card, with the columns of a Google export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from vobject.base import ContentLine, ParseError, getLogicalLines, parseLine

from contracts.contacts.people import LIMIT_OF_EACH
from services.contacts.importing.parsing.delimited import lines_of
from services.contacts.importing.rules.exports import SEVERAL

_SINGLE = (
    "First Name", "Middle Name", "Last Name", "Name", "Nickname", "Organization Name", "Organization Department",
    "Organization Title", "Birthday", "Gender", "Website", "Notes", "Labels",
)  # fmt: skip
_ADDRESS = ("PO Box", "Extended Address", "Street", "City", "Region", "Postal Code", "Country")
_HEAVY = re.compile(r"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.IGNORECASE)
_APART = re.compile(r"(?<!\\);")
_COMMA = re.compile(r"(?<!\\),")
_ESCAPED = re.compile(r"\\([\\,;:nN])")
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_NO_LABELS = {"internet", "pref", "voice", "text", "x-internet", "intl", "parcel", "postal", "dom"}
_BARE_BIRTHDAY = re.compile(r"(--|\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")

Card = dict[str, list[tuple[str, str]]]
"""Property → its values, each with its label."""


def rows_of(stream: BinaryIO, encoding: str) -> Iterator[list[str]]:
    """Yield the header, then a row for each card; the file is read twice, once to see how many columns it takes."""
    widest = {"EMAIL": 0, "TEL": 0, "ADR": 0}
    for card in _cards(stream, encoding):
        for name in widest:
            widest[name] = min(max(widest[name], len(card.get(name, ()))), LIMIT_OF_EACH)
    yield [
        *_SINGLE,
        *(f"E-mail {n} - {part}" for n in range(1, widest["EMAIL"] + 1) for part in ("Label", "Value")),
        *(f"Phone {n} - {part}" for n in range(1, widest["TEL"] + 1) for part in ("Label", "Value")),
        *(f"Address {n} - {part}" for n in range(1, widest["ADR"] + 1) for part in ("Label", *_ADDRESS)),
    ]
    for card in _cards(stream, encoding):
        yield _row(card, widest)


def _row(card: Card, widest: dict[str, int]) -> list[str]:
    row = [_single(card, name) for name in _SINGLE]
    for name in ("EMAIL", "TEL"):
        values = [(label, _bare(value)) for label, value in card.get(name, ())][: widest[name]]
        for label, value in values + [("", "")] * (widest[name] - len(values)):
            row += [label, value]
    places = card.get("ADR", [])[: widest["ADR"]]
    for label, value in places + [("", "")] * (widest["ADR"] - len(places)):
        row += [label, *_parts(value, len(_ADDRESS))]
    return row


def _single(card: Card, column: str) -> str:
    last, first, middle = _parts(_first(card, "N"), 3)
    organization, department = _parts(_first(card, "ORG"), 2)
    full = _plain(_first(card, "FN"))
    if column == "Name" and (first or last or full == organization):
        return ""
    return {
        "First Name": first,
        "Middle Name": middle,
        "Last Name": last,
        "Name": full,
        "Nickname": _plain(_first(card, "NICKNAME")),
        "Organization Name": organization,
        "Organization Department": department,
        "Organization Title": _plain(_first(card, "TITLE")),
        "Birthday": _birthday(_first(card, "BDAY")),
        "Gender": _plain(_first(card, "GENDER").split(";")[0] or _first(card, "X-GENDER")),
        "Website": _plain(_first(card, "URL")),
        "Notes": "\n".join(_plain(value) for _, value in card.get("NOTE", ())),
        "Labels": SEVERAL.join(_plain(word) for _, value in card.get("CATEGORIES", ()) for word in _COMMA.split(value)),
    }[column]


def _cards(stream: BinaryIO, encoding: str) -> Iterator[Card]:
    """Yield card after card; a line that cannot be read is left out, and a card within a card with it."""
    stream.seek(0)
    card: Card | None = None
    apple: dict[str, str] = {}
    depth = 0
    for line, number in getLogicalLines(_Lines(stream, encoding)):
        try:
            content = ContentLine(*parseLine(line, number))
        except (ParseError, ValueError, LookupError):
            continue
        if content.name == "BEGIN":
            depth += 1
            if depth == 1:
                card, apple = {}, {}
        elif content.name == "END":
            depth = max(0, depth - 1)
            if depth == 0 and card is not None:
                yield _labelled(card, apple)
                card = None
        elif depth == 1 and card is not None:
            if content.name == "X-ABLABEL" and content.group:
                apple[content.group] = _APPLE_LABEL.sub(r"\1", _plain(content.value))
            card.setdefault(content.name, []).append((content.group or _label(content), content.value))
    if card:
        yield _labelled(card, apple)


def _labelled(card: Card, apple: dict[str, str]) -> Card:
    """Put Apple's labels, told in lines of their own, in the place of the group that they are told for."""
    groups = re.compile(r"item\d+", re.IGNORECASE)
    return {
        name: [
            ("" if groups.fullmatch(label) and label not in apple else apple.get(label, label), value)
            for label, value in values
        ]
        for name, values in card.items()
    }


def _label(content: ContentLine) -> str:
    words = [word.lower() for word in [*content.params.get("TYPE", ()), *content.singletonparams]]
    known = [part for word in words for part in word.split(",") if part not in _NO_LABELS and "=" not in part]
    return "mobile" if "cell" in known else next(iter(known), "")


class _Lines:
    """The file's lines without pictures, sounds and keys, which may be larger than all the rest."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._lines = self._light(lines_of(stream, encoding))

    def readline(self) -> str:
        return next(self._lines, "")

    @staticmethod
    def _light(lines: Iterator[str]) -> Iterator[str]:
        skipping = False
        for line in lines:
            if skipping and (line[:1] in " \t" or ":" not in line) and line.strip():
                continue
            skipping = _HEAVY.match(line) is not None
            if not skipping:
                yield line.lstrip("\ufeff") or "\n"


def _first(card: Card, name: str) -> str:
    return next((value for _, value in card.get(name, ()) if value.strip()), "")


def _parts(value: str, count: int) -> list[str]:
    parts = [_plain(part) for part in _APART.split(value)][:count]
    return parts + [""] * (count - len(parts))


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _bare(value: str) -> str:
    """Without the scheme that vCard 4.0 writes before: `tel:+49-30-1234;ext=5`."""
    return re.sub(r"^(?:tel|mailto):", "", _plain(value), flags=re.IGNORECASE).split(";ext=")[0]


def _birthday(value: str) -> str:
    found = _BARE_BIRTHDAY.fullmatch(value.strip())
    if not found:
        return _plain(value)
    year, month, day = found.groups()
    return f"--{month}-{day}" if year == "--" else f"{year}-{month}-{day}"
