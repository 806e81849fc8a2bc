"""What a filter may ask about: one declaration a field, the only way from a name to a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists

from services.contacts.contact.model import Contact

contacts: Any = Contact.__table__


def as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of the filter language over `column`, of one of the types of `rules.operators.OPERATORS`.

    A column of another table is reached by `through`: the rows of a part of the contact, of which any may hold; or,
    with `of_facts`, by the join with facts, where a contact without a row counts as one with `absent`. `reads` turns a
    value into what is kept; `folds` makes text compare without letter case. `offers` lists what there is to choose.
    """

    name: str
    label: str
    type: str
    section: str = ""
    column: Any = None
    through: Select[Any] | None = None
    of_facts: bool = False
    absent: Any = None
    choices: tuple[str, ...] = ()
    offers: Callable[[Any], Sequence[tuple[str, str]]] | None = None
    reads: Callable[[Any], Any] = as_it_is
    folds: bool = True
    blank: Any = None
    among: Callable[[list[str]], ColumnElement[bool]] | None = None
    counts: Select[Any] | None = None
    custom: bool = False

    def where_any(self, condition: ColumnElement[bool] | None) -> ColumnElement[bool]:
        """The condition on the contact, from one on the column; None asks whether there is any row."""
        if self.through is None:
            assert condition is not None
            return condition
        rows = self.through if condition is None else self.through.where(condition)
        return exists(rows.correlate(contacts))
