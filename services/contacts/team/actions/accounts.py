"""Accounts are made, changed and deactivated; nobody is ever deleted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.cpu import in_thread
from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts.team import team_member_added, team_member_changed
from contracts.errors import Conflict, NotFound
from services.contacts.team.actions.ending import end_sessions
from services.contacts.team.model import SignedInSession, TeamMember
from services.contacts.team.rules import address_key, hash_password, is_password, read_address, refuse_above_oneself


def ensure_owner(work: Any, request: Any) -> dict[str, Any]:
    """Make the owner, or see to it that who has this address is one, is active and has this password."""
    email = read_address(request.email)
    known = work.reading.scalar(select(TeamMember).where(TeamMember.normalised_email == address_key(email)))
    stands = known is not None and known.active and known.role == "owner"
    if known and stands and in_thread(is_password, request.password, known.password_hash):
        return {"team_member": known, "created": False}
    password_hash = in_thread(hash_password, request.password)
    member = _insert(work, email=email, name=request.name or "Owner", role="owner", password_hash=password_hash)
    if member is not None:
        return {"team_member": member, "created": True}
    member = _hold(work, TeamMember.normalised_email == address_key(email))
    member.password_hash = password_hash
    changes = set_on(member, {"role": "owner", "active": True})
    end_sessions(work, SignedInSession.team_member_id == member.id, "password_changed")
    return {"team_member": _changed(work, member, changes), "created": False}


def add_team_member(work: Any, request: Any) -> TeamMember:
    """Make an account; one address has one account, also when its owner left."""
    refuse_above_oneself(work.actor.role, request.role)
    email = read_address(request.email)
    password_hash = in_thread(hash_password, request.password)
    member = _insert(work, email=email, name=request.name, role=request.role, password_hash=password_hash)
    if member is None:
        there = work.session.scalar(select(TeamMember.id).where(TeamMember.normalised_email == address_key(email)))
        raise Conflict.field("/email", "There is an account with this e-mail address.", existing_id=there)
    return member


def change_team_member(work: Any, request: Any) -> TeamMember:
    """Change name, role or activity, which counts at once; who is deactivated is signed out everywhere."""
    # All active owners are held, so that the last two cannot leave in the same moment.
    owners = set(work.session.scalars(_active_owners().with_for_update()))
    member = _hold(work, TeamMember.id == request.team_member_id)
    work.expect(member.version)
    refuse_above_oneself(work.actor.role, member.role, request.role)
    wanted = {name: request[name] for name in ("name", "role", "active") if name in request}
    changes = set_on(member, wanted)
    if not changes:
        return member
    if owners == {member.id} and not (member.active and member.role == "owner"):
        raise Conflict.field("/role" if "role" in changes else "/active", "The last active owner stays.")
    if not member.active:
        end_sessions(work, SignedInSession.team_member_id == member.id, "deactivated")
    return _changed(work, member, changes)


def _active_owners() -> Any:
    owners = select(TeamMember.id).where(TeamMember.role == "owner", TeamMember.active)
    return owners.order_by(TeamMember.id)


def _insert(work: Any, *, email: str, name: str, role: str, password_hash: str) -> TeamMember | None:
    """The new account, or None where there is one with this address."""
    member = work.session.scalar(
        insert(TeamMember)
        .values(
            id=new_id(),
            name=name,
            email=email,
            normalised_email=address_key(email),
            role=role,
            active=True,
            password_hash=password_hash,
            version=1,
            created_at=work.now,
            changed_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=[TeamMember.normalised_email])
        .returning(TeamMember)
    )
    if member is not None:
        work.record(team_member_added, None, **_told(member))
    return member


def _hold(work: Any, which: Any) -> TeamMember:
    held = select(TeamMember).where(which).with_for_update().execution_options(populate_existing=True)
    member = work.session.scalar(held)
    if member is None:
        raise NotFound("There is no team member of this id.")
    return member


def _changed(work: Any, member: TeamMember, changes: dict[str, Any]) -> TeamMember:
    member.version += 1
    member.changed_at = work.now
    work.record(team_member_changed, None, **_told(member), changes=changes)
    return member


def _told(member: TeamMember) -> dict[str, Any]:
    return {
        "team_member_id": member.id,
        "name": member.name,
        "role": member.role,
        "active": member.active,
        "version": member.version,
    }
