"""What one rule does to one lead, decided from how both stand; and why it does nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from chassis.ids import new_id
from services.pipeline.rules.model import StageRule


class Standing(NamedTuple):
    """A lead as it stands when a rule looks at it."""

    contact_id: str
    assigned_to: str | None
    kind: str
    stage: str
    contact: str


def run_of(rule: StageRule, lead: Standing, entry: int, team: Collection[str]) -> dict[str, Any]:
    """Decide the run, as its row: done for whom, or skipped because of what; `team` are those who work here."""
    run = {
        "rule_id": rule.id,
        "contact_id": lead.contact_id,
        "entry": entry,
        "rule_version": rule.version,
        "deed": rule.deed,
        "result": "done",
        "because": None,
        "follow_up_id": None,
        "team_member_id": None,
    }
    because = _reason_against(lead)
    if because is None and rule.deed == "create_follow_up":
        named = rule.do["create_follow_up"].get("assigned_to")
        to = named if named in team else lead.assigned_to
        return run | {"follow_up_id": new_id(), "team_member_id": to}
    if because is None:
        to = _addressee(rule, lead)
        because = "Nobody has the lead." if to is None else None if to in team else "They do not work here any more."
        run["team_member_id"] = to
    return run if because is None else run | {"result": "skipped", "because": because}


def _reason_against(lead: Standing) -> str | None:
    if lead.contact != "active":
        return f"The contact was {lead.contact}."
    return "The lead was won." if lead.kind == "won" else None


def _addressee(rule: StageRule, lead: Standing) -> str | None:
    if rule.deed == "assign":
        to: str | None = rule.do["assign"]["assigned_to"]
        return to
    return rule.do["notify"].get("team_member_id") or lead.assigned_to
