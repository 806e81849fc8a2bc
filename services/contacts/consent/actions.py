"""Writing down what contacts agreed to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from chassis.rows import array_of
from contracts.contacts import consent as published
from contracts.errors import Conflict, Invalid
from services.contacts.consent.model import Consent, Preference
from services.contacts.consent.queries import granted_by, preferences_of, statements_of
from services.contacts.consent.rules import Statement, Topic
from services.contacts.contact.actions import hold_contact
from services.contacts.contact.queries import refuse_out_of_reach

Line = dict[str, Any]
_COUNTED = sa.text("""
    INSERT INTO preferences (contact_id, version, changed_at)
    SELECT contact_id, 2, :now FROM unnest(CAST(:contacts AS uuid[])) AS contact_id
    ON CONFLICT (contact_id) DO UPDATE SET version = preferences.version + 1, changed_at = excluded.changed_at
""")
"""Who never said anything is at version 1."""


def change_preferences(work: Any, request: Any) -> dict[str, Any]:
    """Keep every wish that is another than before as a line of the ledger."""
    refuse_out_of_reach(work, request.contact_id)
    contact_id = hold_contact(work, request.contact_id).id
    before = preferences_of(work, contact_id)
    work.expect(before["version"])
    wishes = {
        (channel, purpose): granted
        for channel, wished in (request.channels or {}).items()
        for purpose, granted in wished.items()
        if before["channels"][channel][purpose]["said"] is not granted
    }
    method = request.get("preferred_contact_method", before["preferred_contact_method"])
    prefers = method != before["preferred_contact_method"]
    if not wishes and not prefers:
        return before
    agreed = agreement(work, request.consent)
    lines = [
        {"contact_id": contact_id, "channel": channel, "about": purpose, "granted": granted, **agreed}
        for (channel, purpose), granted in wishes.items()
    ]
    _refuse_older_words(lines, statements_of(work, contact_id))
    if prefers:
        lines.append({"contact_id": contact_id, "about": "preferred_contact_method", "granted": True, **agreed})
        told = {"before": before["preferred_contact_method"], "after": method, "version": before["version"] + 1}
        work.record(published.contact_method_preferred, contact_id, **told)
    keep_consents(work, lines, source="preferences")
    row = {"preferred_contact_method": method, "version": before["version"] + 1, "changed_at": work.now}
    statement = insert(Preference).values(contact_id=contact_id, **row)
    work.session.execute(statement.on_conflict_do_update(index_elements=["contact_id"], set_=row))
    work.session.expire_all()
    return preferences_of(work, contact_id)


def agreement(work: Any, consent: Mapping[str, Any] | None, *, pointer: str = "/consent") -> Line:
    """How and when the contact agreed, as a ledger has it; a member speaks for themselves, here and now."""
    if work.actor.role == "member":
        return {"how": "by themselves", "said_at": work.now}
    if consent is None:
        raise Invalid.field(pointer, "Say how and when the contact agreed: consent {how, when}.")
    if consent["when"] > work.now + dt.timedelta(minutes=5):
        raise Invalid.field(f"{pointer}/when", "Nobody has agreed tomorrow.")
    return {
        "how": consent["how"],
        "said_at": consent["when"],
        "note": consent.get("note"),
        "text": consent.get("text"),
    }


def keep_consents(work: Any, lines: Iterable[Line], *, source: str) -> list[str]:
    """Write lines of many contacts, who are held, into the ledger, and tell of each that is about a channel.

    A line has `contact_id about granted said_at`, and where known `channel how text note from_address`.
    """
    rows = [_row(work, line, source) for line in lines]
    if not rows:
        return []
    said = granted_by(work, {row["contact_id"] for row in rows})
    work.session.execute(sa.insert(Consent.__table__), rows)
    _count_change(work, rows)
    work.record_many(published.consent_changed, [_told(row, said) for row in rows if row["channel"]])
    return [row["id"] for row in rows]


def _count_change(work: Any, rows: list[Line]) -> None:
    """Count another version of the preferences of everybody who said something of a channel."""
    whose = {row["contact_id"] for row in rows if row["channel"]}
    if whose:
        work.session.execute(_COUNTED, {"contacts": array_of(sorted(whose)), "now": work.now})


def _row(work: Any, line: Line, source: str) -> Line:
    optional = ("channel", "how", "text", "note", "from_address")
    return {
        "id": new_id(),
        **dict.fromkeys(optional),
        **line,
        "source": source,
        "recorded_at": work.now,
        "recorded_by": work.actor.id,
        "recorded_by_name": work.actor.id and (work.actor.name or work.actor.role),
    }


def _told(row: Line, said: dict[tuple[str, str, str], bool]) -> tuple[str, Line]:
    """What is told of a line, to whom; of the next of the same topic this one is what was said before."""
    topic = (row["contact_id"], row["channel"], row["about"])
    before, said[topic] = said.get(topic), row["granted"]
    same = {name: row[name] for name in ("channel", "granted", "said_at", "how", "source")}
    return row["contact_id"], {"entry_id": row["id"], "purpose": row["about"], "before": before, **same}


def _refuse_older_words(lines: list[Line], said: Mapping[Topic, Statement]) -> None:
    """What the contact said later holds, however late somebody remembers what they said before."""
    for line in lines:
        known = said.get((line["channel"], line["about"]))
        if known and known.said_at > line["said_at"]:
            word = "agreed" if known.granted else "refused"
            detail = f"The contact {word} on {known.said_at:%Y-%m-%d}, which is later."
            pointer = f"/channels/{line['channel']}/{line['about']}"
            raise Conflict(detail, [{"pointer": pointer, "detail": detail}])
