"""Whose an address is, who asks, and which sessions ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from contracts.access import MEMBER, ROLES
from contracts.errors import NotFound
from services.contacts.contact.model import Contact
from services.contacts.members.model import MemberSession
from services.contacts.people.model import Email
from services.contacts.settings.queries import setting_held, setting_now
from services.contacts.team import queries as team


def bearer_of(work: Any, address: str) -> Any:
    """The contact who may sign in by this address, with the address as it was typed in; None for nobody.

    Of several a customer comes first, then whose own the address is (the others were said not to be the same), then
    who was entered first.
    """
    bearers = (
        select(Contact.id, Contact.display_name, Email.value.label("email"))
        .join(Email, Email.contact_id == Contact.id)
        .where(Email.normalised == address, Contact.standing == "active")
        .order_by(Contact.lifecycle != "customer", ~Email.exclusive, Contact.id)
    )
    if not leads_may(work):
        bearers = bearers.where(Contact.lifecycle == "customer")
    return work.session.execute(bearers.limit(1)).first()


def leads_may(work: Any, *, held: bool = False) -> bool:
    """Whether not only customers may sign in; `held`: until the transaction ends."""
    look = setting_held if held else setting_now
    return bool(look(work, "leads_may_sign_in"))


def get_me(work: Any, request: Any) -> dict[str, Any]:
    """Who asks, and what they may do: somebody of the team, or a member."""
    if work.actor.role != MEMBER:
        return team.get_me(work, request)
    contact = work.session.get(Contact, work.actor.id)
    if contact is None or contact.standing != "active":
        raise NotFound("There is no account of yours.")
    return {**shown(contact), "role": MEMBER, "permissions": sorted(ROLES[MEMBER])}


def list_revocations(work: Any, request: Any) -> dict[str, Any]:
    """What ended of the team's, and the sessions of members that ended."""
    since = work.now - dt.timedelta(seconds=request.seconds)
    ended = work.session.scalars(select(MemberSession.id).where(MemberSession.ended_at > since)).all()
    of_team = team.list_revocations(work, request)
    return {**of_team, "ended_sessions": [*of_team["ended_sessions"], *ended]}


def shown(contact: Any) -> dict[str, Any]:
    """A contact as a member."""
    return {"id": contact.id, "name": contact.display_name, "version": contact.version}
