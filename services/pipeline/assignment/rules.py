"""Whose turn it is."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping, Sequence
from typing import NamedTuple

from services.pipeline.assignment.model import AssignmentRule


class Newcomer(NamedTuple):
    """A lead that came in with nobody."""

    contact_id: str
    source: str | None
    location: str | None


def choose(
    rules: Sequence[AssignmentRule], lead: Newcomer, team: Collection[str], load: MutableMapping[str, int]
) -> tuple[AssignmentRule, str] | None:
    """Find the first rule that fits and has somebody, and give them the turn; None when there is none.

    `team` are those who work here now; `load` is how many open leads each has, and counts this one in.
    """
    for rule in rules:
        present = [id for id in rule.team_member_ids if id in team]
        if not present or not _fits(rule, lead):
            continue
        chosen = _next(rule, team) if rule.strategy == "round_robin" else min(present, key=lambda id: load.get(id, 0))
        load[chosen] = load.get(chosen, 0) + 1
        return rule, chosen
    return None


def _fits(rule: AssignmentRule, lead: Newcomer) -> bool:
    """In whatever letter case, as the filters compare them."""
    return _same(rule.source, lead.source) and _same(rule.location, lead.location)


def _same(wanted: str | None, told: str | None) -> bool:
    return wanted is None or (told is not None and wanted.casefold() == told.casefold())


def _next(rule: AssignmentRule, team: Collection[str]) -> str:
    """Pass over who left: their turn is the next one's."""
    members = rule.team_member_ids
    while True:
        member = members[rule.turn % len(members)]
        rule.turn += 1
        if member in team:
            return member
