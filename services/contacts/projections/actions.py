"""Turning over from one edition of a projection to the next, with no event lost between the two."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select

from contracts.errors import Conflict
from services.contacts.projections.model import Projection


class Editions(NamedTuple):
    """Where what is heard belongs: into what is read, and into what is being made, if anything is."""

    shown: int
    made: int | None

    @property
    def all(self) -> tuple[int, ...]:
        return (self.shown,) if self.made is None else (self.shown, self.made)


def hold_editions(work: Any, name: str) -> Editions:
    """Tell where to write, and let nobody turn over until this transaction ends.

    That barrier is the whole promise: an event that was heard before a new edition was begun has a lower position in
    its log than the newest that the rebuilding asks for afterwards, and any other is written into both editions.
    """
    wanted = select(Projection.shown, Projection.made).where(Projection.name == name).with_for_update(read=True)
    return Editions(*work.session.execute(wanted).one())


def begin_edition(work: Any, name: str, job_id: str) -> None:
    """Have what is heard from now on written into a new edition too; of two jobs the later one goes on."""
    projection = _held(work, name)
    projection.made = max(projection.shown, projection.made or 0) + 1
    projection.job_id = job_id


def made_edition(work: Any, name: str, job_id: str) -> int:
    """The edition that this job makes, or refuse: another job has begun since."""
    row = work.session.execute(select(Projection.made, Projection.job_id).where(Projection.name == name)).one()
    if row.job_id != job_id or row.made is None:
        raise Conflict("Another rebuilding has begun since.")
    return int(row.made)


def show_edition(work: Any, name: str, job_id: str) -> int:
    """Read the new edition from now on."""
    projection = _held(work, name)
    projection.shown = made_edition(work, name, job_id)
    projection.made = None
    return projection.shown


def _held(work: Any, name: str) -> Projection:
    return work.session.scalars(select(Projection).where(Projection.name == name).with_for_update()).one()
