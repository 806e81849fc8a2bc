"""What a filter may ask about: one declaration a field, the only way from a name to a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, func, literal_column

from services.contacts.contact.model import Contact
from services.contacts.facts.model import NEVER, Facts

contacts: Any = Contact.__table__
facts: Any = Facts.__table__

never: Any = literal_column(NEVER, DateTime(timezone=True))


def or_never(moment: Any) -> Any:
    """A moment that is never null, as the indexes that lists are sorted by have it."""
    return func.coalesce(moment, never, type_=DateTime(timezone=True))


def as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of the filter language over `column`, of one of the types of `rules.operators.OPERATORS`.

    A column of another table is reached by `through`: the rows of a part of the contact, of which any may hold, but for
    those whose last day (`until`) has passed; or, with `of_facts`, by the join with facts, where a contact without a
    row counts as one with `absent`. `reads` turns a value into what is kept; `folds` compares text without letter case;
    `holds` asks for one value in another way than `=`, `among` for any of a set; those of a set may be looked up
    `by_hash`. A moment that lists are `sorted` by is compared by the index of that. Text that is `remembered` is in
    what cards are searched by as well, which has an index. `counts` are the contacts of the rows of which `column` is
    the moment, as often as they have one: counted for all at once, or `singly` for each contact that is looked at.
    `offers` lists what there is to choose from; what is `hidden` is understood and not offered. Who asks about it
    `needs` a permission, if it names one.
    """

    name: str
    label: str
    type: str
    section: str
    column: Any
    through: Select[Any] | None = None
    of_facts: bool = False
    absent: Any = None
    choices: tuple[str, ...] = ()
    offers: Callable[[Any], Sequence[tuple[str, str]]] | None = None
    reads: Callable[[Any], Any] = as_it_is
    folds: bool = True
    sorted: bool = False
    remembered: bool = False
    until: Any = None
    holds: Callable[[Any], ColumnElement[bool]] | None = None
    among: Callable[[list[str]], ColumnElement[bool]] | None = None
    by_hash: bool = False
    counts: Select[Any] | None = None
    singly: bool = False
    hidden: bool = False
    needs: str | None = None

    @property
    def compared(self) -> Any:
        """The column as it is compared."""
        return or_never(self.column) if self.sorted else self.column
