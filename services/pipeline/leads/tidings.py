"""What contacts says of a contact, in the words of the pipeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.contacts import people

_FACTS = {name: name for name in ("assigned_to", "source", "location", "standing")} | {"lead_status": "status"}


class Who(NamedTuple):
    """A person, or a system with a key, who does something."""

    id: str
    name: str


def who_of(actor: Mapping[str, Any] | None) -> Who | None:
    """Who did it, as an event says it; None for a service that acts by itself, and for nobody."""
    if not actor or not actor.get("name") or actor.get("role") == "service":
        return None
    return Who(actor["id"], actor["name"])


@dataclass(frozen=True)
class Told:
    """What contacts says of a contact at one version of it, by an event or when it was asked; `is_lead`: it is one, or
    was one then; `by`: who did what is told."""

    contact_id: str
    version: int
    at: dt.datetime
    is_lead: bool = False
    facts: Mapping[str, str | None] = field(default_factory=dict)
    lifecycle: str | None = None
    reason: str | None = None
    event: Any = None
    by: Who | None = None


def told_by_event(event: Any) -> Told:
    """Read an event of contacts."""
    who = {
        "contact_id": event.subject,
        "version": event.data["version"],
        "at": event.time,
        "event": event,
        "by": who_of(event.actor),
    }
    if event.type == people.contact_created.type:
        return Told(
            **who, is_lead=event.data["entered_as"] == "lead", facts=_facts({"lead_status": "new"} | event.data)
        )
    if event.type == people.contact_changed.type:
        return Told(**who, facts=_facts({name: change["after"] for name, change in event.data["changes"].items()}))
    return Told(
        **who, is_lead=event.data["after"] == "lead", lifecycle=event.data["after"], reason=event.data["reason"]
    )


def told_by_contact(contact: Mapping[str, Any], by: Who | None = None) -> Told:
    """Read a contact as contacts answered it."""
    return Told(
        contact_id=contact["id"],
        version=contact["version"],
        at=dt.datetime.fromisoformat(contact["created_at"]),
        is_lead=contact["entered_as"] == "lead",
        facts=_facts(contact),
        lifecycle=contact["lifecycle"]["state"],
        reason=contact["lifecycle"]["reason"],
        by=by,
    )


def _facts(told: Mapping[str, Any]) -> dict[str, str | None]:
    """What a lead takes over; that it is converted, its stage says and nothing else."""
    facts = {ours: told[theirs] or None for theirs, ours in _FACTS.items() if theirs in told}
    if facts.get("status") in (None, "converted"):
        facts.pop("status", None)
    return facts
