"""What an import did to a contact, and what of it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Remarks = list[dict[str, str | None]]
LISTS = ("emails", "phones", "addresses")
FOR_EVER = ("membership_number",)
"""A number once given stays, and is nobody else's."""


@dataclass
class Effect:
    """All that the rows at hand did to one contact; `created` is the version that they left it at, and `at` when.

    Each step that changed the card gave it one version more, and one more yet for its external ids.
    """

    created: int | None = None
    changed: int = 0
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    external_ids: list[tuple[str, str]] = field(default_factory=list)
    emergency: list[str] = field(default_factory=list)
    affiliations: list[str] = field(default_factory=list)
    referrals: list[str] = field(default_factory=list)
    consents: list[Any] = field(default_factory=list)
    at: set[str] = field(default_factory=set)


def gathered(told: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Effect]:
    """Bring together what several steps did to a contact, told the last step first."""
    effects: dict[str, Effect] = {}
    for contact_id, kept in told:
        effect = effects.setdefault(contact_id, Effect())
        created = kept.get("created")
        effect.changed += kept.get("versions", 0)
        if created is not None:
            effect.created = created + effect.changed
        effect.changed += "changes" in kept
        for name, change in (kept.get("changes") or {}).items():
            after = effect.changes[name]["after"] if name in effect.changes else change["after"]
            effect.changes[name] = {"before": change["before"], "after": after}
        effect.tags += kept.get("tags") or []
        effect.notes += kept.get("notes") or []
        effect.external_ids += [(of, value) for of, value in kept.get("external_ids") or []]
        effect.affiliations += kept.get("affiliations") or []
        effect.referrals += kept.get("referrals") or []
        effect.emergency += kept.get("emergency") or []
        effect.consents += reversed(kept.get("consents") or [])
        effect.at.add(kept["at"])
    return effects


def without(current: list[dict[str, Any]], change: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]] | None:
    """Take out of a list what an import added to it, and put back what it replaced; None: it was changed since."""
    if current == change["after"]:
        return list(change["before"])
    added = [item for item in change["after"] if item not in change["before"]]
    if any(item not in current for item in added):
        return None
    replaced = [item for item in change["before"] if item not in change["after"] and item not in current]
    return [*replaced, *(item for item in current if item not in added)]
