"""What holds now, and the ledger that says so.

The filter language asks what was said (`consent_<channel>_<purpose>`, in `finding`); `those_who_allow` answers whom the
rule lets us send something, with those who said nothing and need not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.contacts.words import CHANNELS, PURPOSES
from contracts.errors import Merged, NotFound
from services.contacts.consent.model import Consent, Preference
from services.contacts.consent.rules import ALLOWED_UNLESS_REFUSED, Decision, Statement, Topic, decide
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import reached_contact, refuse_out_of_reach

_consents: Any = Consent.__table__
_contacts: Any = Contact.__table__
_LATEST = (
    sa.select(_consents)
    .where(
        _consents.c.contact_id == _contacts.c.id,
        _consents.c.channel == sa.bindparam("channel"),
        _consents.c.about == sa.bindparam("purpose"),
    )
    .order_by(_consents.c.number.desc())
    .limit(1)
    .lateral("latest")
)
_SAID_LAST = sa.select(
    _contacts.c.id.label("whom"), _contacts.c.standing, _contacts.c.merged_into, *_LATEST.c
).join_from(_contacts, _LATEST, sa.true(), isouter=True)
"""What a list of suppressed addresses says, once there is one, joins here."""


def may_send(work: Any, request: Any) -> dict[str, Any]:
    """Decide it in one statement."""
    refuse_out_of_reach(work, request.contact_id)
    asked = {"whom": request.contact_id, "channel": request.channel, "purpose": request.purpose}
    row = work.session.execute(_SAID_LAST.where(_contacts.c.id == sa.bindparam("whom")), asked).one_or_none()
    if row is None:
        raise NotFound("There is no contact of this id.")
    if row.merged_into:
        raise Merged("This contact lives on under another id.", survivor=row.merged_into)
    decision = _decision(row, request.channel, request.purpose)
    return {**decision._asdict(), "entry": row if row.id else None}


def decisions_of(work: Any, contact_ids: Sequence[str], *, channel: str, purpose: str) -> dict[str, Decision]:
    """Whether each may be sent this now, and why; one statement for all."""
    asked = _SAID_LAST.where(_contacts.c.id.in_(contact_ids))
    rows = work.session.execute(asked, {"channel": channel, "purpose": purpose})
    return {row.whom: _decision(row, channel, purpose) for row in rows}


def _decision(row: Any, channel: str, purpose: str) -> Decision:
    return decide(purpose, channel, row.standing, None if row.id is None else _statement(row))


def list_consents(work: Any, request: Any) -> dict[str, Any]:
    """List the ledger of a contact."""
    statement = sa.select(_consents).where(_consents.c.contact_id == reached_contact(work, request.contact_id))
    statement = narrowed(statement, request, _consents.c.channel, _consents.c.about)
    return page_of(work, statement, keys_for(request.sort, oldest=[_consents.c.number]), request)


def get_preferences(work: Any, request: Any) -> dict[str, Any]:
    return preferences_of(work, reached_contact(work, request.contact_id))


def preferences_of(work: Any, contact_id: str) -> dict[str, Any]:
    """What the contact wishes; who never said anything is at version 1."""
    kept = work.session.get(Preference, contact_id)
    said = statements_of(work, contact_id)
    return {
        "contact_id": contact_id,
        "preferred_contact_method": kept and kept.preferred_contact_method,
        "version": kept.version if kept else 1,
        "channels": {
            channel: {purpose: _choice(purpose, said.get((channel, purpose))) for purpose in PURPOSES}
            for channel in CHANNELS
        },
    }


def _choice(purpose: str, said: Statement | None) -> dict[str, Any]:
    if said is None:
        return {"allowed": ALLOWED_UNLESS_REFUSED[purpose], "said": None, "since": None}
    return {"allowed": said.granted, "said": said.granted, "since": said.said_at}


def statements_of(work: Any, contact_id: str) -> dict[Topic, Statement]:
    """What the contact said last, by channel and purpose."""
    latest = (
        sa.select(_consents)
        .distinct(_consents.c.channel, _consents.c.about)
        .where(_consents.c.contact_id == contact_id, _consents.c.channel.is_not(None))
        .order_by(_consents.c.channel, _consents.c.about, _consents.c.number.desc())
    )
    return {(row.channel, row.about): _statement(row) for row in work.session.execute(latest)}


def granted_by(work: Any, contact_ids: Collection[str]) -> dict[tuple[str, str, str], bool]:
    """What each of these said last, by contact, channel and purpose."""
    topic = (_consents.c.contact_id, _consents.c.channel, _consents.c.about)
    latest = (
        sa.select(*topic, _consents.c.granted)
        .distinct(*topic)
        .where(_consents.c.contact_id.in_(contact_ids), _consents.c.channel.is_not(None))
        .order_by(*topic, _consents.c.number.desc())
    )
    return {(contact, *said): granted for contact, *said, granted in work.session.execute(latest)}


def said_of(work: Any, contact_ids: Sequence[str], purpose: str) -> dict[str, dict[str, tuple[str, Statement]]]:
    """What each of these said last of a purpose, by channel, with the id of the line that says so."""
    latest = (
        sa.select(_consents)
        .distinct(_consents.c.contact_id, _consents.c.channel)
        .where(_consents.c.contact_id.in_(contact_ids), _consents.c.about == purpose, _consents.c.channel.is_not(None))
        .order_by(_consents.c.contact_id, _consents.c.channel, _consents.c.number.desc())
    )
    found: dict[str, dict[str, tuple[str, Statement]]] = {}
    for row in work.session.execute(latest):
        found.setdefault(row.contact_id, {})[row.channel] = row.id, _statement(row)
    return found


def those_who_allow(channel: str, purpose: str) -> sa.Select[Any]:
    """The ids of all contacts, of whatever standing, whom the ledger lets us send this."""
    said, later = _consents, _consents.alias("later")
    topic = sa.and_(said.c.channel == channel, said.c.about == purpose)
    newer = sa.select(sa.literal(1)).where(
        later.c.channel == channel,
        later.c.about == purpose,
        later.c.contact_id == said.c.contact_id,
        later.c.number > said.c.number,
    )
    holding = sa.select(said.c.contact_id).where(topic, ~newer.correlate(said).exists())
    if not ALLOWED_UNLESS_REFUSED[purpose]:
        return holding.where(said.c.granted)
    refused = holding.where(~said.c.granted, said.c.contact_id == _contacts.c.id).correlate(_contacts)
    return sa.select(_contacts.c.id).where(~refused.exists())


def _statement(row: Any) -> Statement:
    return Statement(row.granted, row.said_at, row.how, row.source)
