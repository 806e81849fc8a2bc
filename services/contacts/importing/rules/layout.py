"""How a file is written, as reading it told and as an import keeps it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from services.contacts.fields.rules import NO_FIELDS, Fields
from services.contacts.importing.rules.columns import Column, columns_of, plain
from services.contacts.importing.rules.exports import Export, export_of


@dataclass(frozen=True)
class Layout:
    """What `parsing` found; imports of before have only some of it.

    `epoch` is the year from which a spreadsheet's bare numbers count days, `emails` are the columns whose cells look
    like addresses.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    epoch: int | None = None
    header_row: int = 0
    header: tuple[str, ...] = ()
    known: int = 0
    rows: int = 0
    month_first: tuple[str, ...] = ()
    samples: tuple[Any, ...] = ()
    emails: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Layout:
        names = {one.name for one in fields(cls)}
        found: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in kept.items() if n in names}
        return cls(**found)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def columns(self, mapping: Mapping[str, str], custom: Fields = NO_FIELDS) -> list[Column | None]:
        """What each column means under a mapping by hand, and with these custom fields."""
        return columns_of(self.header, mapping, emails=self.emails, means=self.export.means, custom=custom)

    @property
    def export(self) -> Export:
        return export_of(self.header)

    @property
    def signature(self) -> str:
        """Tells one kind of file from another: the same columns, in whatever order."""
        return hashlib.blake2b("\n".join(sorted(map(plain, self.header))).encode(), digest_size=16).hexdigest()

    def problems(self, mapping: Mapping[str, str], custom: Fields = NO_FIELDS) -> list[str]:
        """What stands against importing the file as it is understood."""
        missing = [f"The file has no column “{name}”." for name in mapping if name not in self.header]
        if not missing and not any(self.columns(mapping, custom)):
            missing = ["No column of the file is known; name the columns by hand (`mapping`)."]
        return missing
