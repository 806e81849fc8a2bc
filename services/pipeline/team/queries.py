"""Who works here, from memory, or by asking once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from contracts.contacts import team
from contracts.errors import Invalid, NotFound
from services.pipeline.team.model import Colleague


def refuse_strangers(work: Any, ids: Iterable[str | None], pointer: str) -> None:
    """Refuse, at its pointer, who does not work here or not any more; do this before anything is written."""
    wanted = {id for id in ids if id}
    known = select(Colleague.id, Colleague.active).where(Colleague.id.in_(sorted(wanted)))
    active = dict(work.reading.execute(known).tuples().all()) if wanted else {}
    asked = [(team.get_team_member, {"team_member_id": id}) for id in sorted(wanted - active.keys())]
    for answer in work.ask_all(asked) if asked else []:
        if isinstance(answer, NotFound):
            raise Invalid.field(pointer, "There is no such team member.")
        if isinstance(answer, Exception):
            raise answer
        active[answer["id"]] = answer["active"]
    if not all(active.values()):
        raise Invalid.field(pointer, "This team member does not work here any more.")


def active_ones(work: Any, ids: Iterable[str]) -> set[str]:
    """Those of these who are known to work here now."""
    return set(work.session.scalars(select(Colleague.id).where(Colleague.id.in_(sorted(set(ids))), Colleague.active)))
