"""Things that a rule may name, by their name or by their id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Uuid, or_, select

from services.contacts.finding.queries.almanac import among
from services.contacts.finding.rules.values import read_id

_ID = Uuid(as_uuid=False)


@dataclass(frozen=True)
class Named:
    """The column is the id of something that has one of the values as its name, as `key_of` makes it, or as its id."""

    column: Any
    ids: Any
    names: Any
    key_of: Callable[[str], str]

    def __call__(self, values: list[str]) -> ColumnElement[bool]:
        """Whoever is named so at the time of asking, for filters that are kept."""
        return self.column.in_(select(self.ids).where(self._meant(values)))

    def as_known(self, work: Any) -> Callable[[list[str]], ColumnElement[bool]]:
        """Whoever is named so now: PostgreSQL knows how many have just these ids, and one index has them in order."""

        def condition(values: list[str]) -> ColumnElement[bool]:
            found = list(work.session.scalars(select(self.ids).where(self._meant(values))))
            return self.column == found[0] if len(found) == 1 else among(self.column, found, _ID)

        return condition

    def _meant(self, values: list[str]) -> ColumnElement[bool]:
        told = [found for value in values if (found := read_id(value))]
        by_name = among(self.names, [self.key_of(value) for value in values])
        return or_(by_name, among(self.ids, told, _ID)) if told else by_name
