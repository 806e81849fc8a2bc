"""Reading codes, passes and referrals from both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.billing.rewards import CREDIT, FREE_CYCLE
from contracts.errors import NotFound
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import reached_contact
from services.contacts.referrals.model import BuddyPass, Referral, ReferralCode
from services.contacts.referrals.rules import as_kept
from services.contacts.settings.queries import setting

_contacts: Any = Contact.__table__
_referrals: Any = Referral.__table__
_passes: Any = BuddyPass.__table__
_SOMEBODY = "A friend"


def get_referral_code(work: Any, request: Any) -> dict[str, Any]:
    contact_id = reached_contact(work, request.contact_id)
    code = code_of(work, contact_id)
    if code is None:
        raise NotFound("This contact has no code yet; ask for one.")
    return code


def code_of(work: Any, contact_id: str) -> dict[str, Any] | None:
    kept = work.session.get(ReferralCode, contact_id)
    if kept is None:
        return None
    path = f"/v1/public/referrals/{kept.code}"
    return {"contact_id": contact_id, "code": kept.code, "path": path, "made_at": kept.made_at}


def view_referral(work: Any, request: Any) -> dict[str, Any]:
    """What everybody with the code may know; codes of the archived are unknown."""
    return _invitation(work, host_of_code(work, request.code))


def view_buddy_pass(work: Any, request: Any) -> dict[str, Any]:
    row = open_pass(work, request.code)
    host = row and _active(work, row.contact_id)
    return {**_invitation(work, host), "valid_until": row and row.valid_until}


def _invitation(work: Any, host: Any) -> dict[str, Any]:
    if host is None:
        raise NotFound("This invitation is not valid, or not any more.")
    first_name = host.preferred_name or host.first_name or host.name or _SOMEBODY
    return {"first_name": first_name, "business_name": setting(work, "business_name") or None}


def referrers_among(work: Any, contact_ids: Sequence[str]) -> dict[str, str]:
    """Who brought each of these along, of those whom somebody did."""
    known = sa.select(Referral.referred_id, Referral.contact_id).where(Referral.referred_id.in_(contact_ids))
    return dict(work.session.execute(known).tuples().all())


def host_of_code(work: Any, code: str) -> Any:
    """The row of the active contact whose code this is, or None."""
    bearer = sa.select(ReferralCode.contact_id).where(ReferralCode.code == as_kept(code)).scalar_subquery()
    return _active(work, bearer)


def open_pass(work: Any, code: str, *, hold: bool = False) -> Any:
    """The row of the pass of an active host that somebody can still come with, or None."""
    wanted = (
        sa.select(_passes)
        .join_from(_passes, _contacts, _contacts.c.id == _passes.c.contact_id)
        .where(_passes.c.code == as_kept(code), _is_open(work), _contacts.c.standing == "active")
    )
    if hold:
        wanted = wanted.with_for_update(of=_passes)
    return work.session.execute(wanted).one_or_none()


def _active(work: Any, contact_id: Any) -> Any:
    wanted = sa.select(_contacts).where(_contacts.c.id == contact_id, _contacts.c.standing == "active")
    return work.session.execute(wanted).one_or_none()


def _is_open(work: Any) -> Any:
    return sa.and_(
        _passes.c.withdrawn_at.is_(None), _passes.c.valid_until > work.now, _passes.c.uses < _passes.c.uses_allowed
    )


def list_referrals(work: Any, request: Any) -> dict[str, Any]:
    """Whom a contact brought along, and who brought them."""
    contact_id = reached_contact(work, request.contact_id)
    statement = (
        sa.select(_referrals, _contacts.c.display_name, _contacts.c.standing)
        .join_from(_referrals, _contacts, _contacts.c.id == _referrals.c.referred_id)
        .where(_referrals.c.contact_id == contact_id)
    )
    statement = narrowed(statement, request, _referrals.c.via, _referrals.c.state, _referrals.c.buddy_pass_id)
    page = page_of(work, statement, keys_for(request.sort, oldest=[_referrals.c.id]), request)
    code = code_of(work, contact_id)
    sees_money = work.actor.role == "member" or work.actor.may("billing.read")  # a member: their own
    return {
        **page,
        "items": [
            {
                **row._mapping,
                "referred": _named(work, row, row.referred_id),
                "reward": _reward(row) if sees_money else None,
            }
            for row in page["items"]
        ],
        "code": code and code["code"],
        "progress": _progress_of(work, contact_id),
        "referred_by": None if work.actor.role == "member" else _referrer_of(work, contact_id),
        "rewards": _rewards_of(work, contact_id) if sees_money else None,
        "free_cycles": _free_cycles_of(work, contact_id) if sees_money else None,
    }


def _progress_of(work: Any, contact_id: str) -> dict[str, int]:
    states = sa.select(_referrals.c.state, sa.func.count()).where(_referrals.c.contact_id == contact_id)
    counted = dict(work.session.execute(states.group_by(_referrals.c.state)).tuples().all())
    return {
        "referred": sum(counted.values()),
        **{f"{state}s": counted.get(state, 0) for state in ("lead", "customer", "former_customer")},
    }


def _reward(row: Any) -> dict[str, Any] | None:
    if row.reward_state is None:
        return None
    if row.reward_amount is None:
        return {"state": row.reward_state, "kind": FREE_CYCLE, "credit": None}
    credit = {"amount": row.reward_amount, "currency": row.reward_currency}
    return {"state": row.reward_state, "kind": CREDIT, "credit": credit}


def _rewards_of(work: Any, contact_id: str) -> list[dict[str, Any]]:
    """What was earned as credit and not taken back, a sum for each currency."""
    kept = _earned_by(contact_id) & _referrals.c.reward_amount.is_not(None)
    total = sa.cast(sa.func.sum(_referrals.c.reward_amount), sa.BigInteger)
    currency = _referrals.c.reward_currency
    sums = sa.select(total, currency).where(kept).group_by(currency).order_by(currency)
    return [{"amount": amount, "currency": in_} for amount, in_ in work.session.execute(sums)]


def _free_cycles_of(work: Any, contact_id: str) -> int:
    """How many free cycles were earned and not taken back, whether they are used or not."""
    cycles = _earned_by(contact_id) & _referrals.c.reward_amount.is_(None)
    return work.session.scalar(sa.select(sa.func.count()).where(cycles))


def _earned_by(contact_id: str) -> sa.ColumnElement[bool]:
    return (_referrals.c.contact_id == contact_id) & (_referrals.c.reward_state == "earned")


def _referrer_of(work: Any, contact_id: str) -> dict[str, Any] | None:
    wanted = (
        sa.select(_referrals, _contacts.c.display_name, _contacts.c.standing)
        .join_from(_referrals, _contacts, _contacts.c.id == _referrals.c.contact_id)
        .where(_referrals.c.referred_id == contact_id)
    )
    row = work.session.execute(wanted).one_or_none()
    return row and {"referrer": _named(work, row, row.contact_id), "via": row.via, "referred_at": row.referred_at}


def _named(work: Any, row: Any, contact_id: str) -> dict[str, Any]:
    """By name; to a member by first name alone."""
    name = row.display_name.split(" ")[0] if work.actor.role == "member" else row.display_name
    return {"id": contact_id, "display_name": name, "standing": row.standing}


def list_buddy_passes(work: Any, request: Any) -> dict[str, Any]:
    statement = sa.select(_passes).where(_passes.c.contact_id == reached_contact(work, request.contact_id))
    if request.open is not None:
        statement = statement.where(_is_open(work) if request.open else sa.not_(_is_open(work)))
    page = page_of(work, statement, keys_for(request.sort, oldest=[_passes.c.id]), request)
    return {**page, "items": [_shown(work, row) for row in page["items"]]}


def get_buddy_pass(work: Any, request: Any) -> dict[str, Any]:
    return pass_of(work, request.buddy_pass_id)


def pass_of(work: Any, buddy_pass_id: str) -> dict[str, Any]:
    """One, if it is within the reach of who asks."""
    row = work.session.execute(sa.select(_passes).where(_passes.c.id == buddy_pass_id)).one_or_none()
    if row is None or (work.actor.role == "member" and work.actor.id != row.contact_id):
        raise NotFound("There is no such buddy pass.")
    return _shown(work, row)


def _shown(work: Any, row: Any) -> dict[str, Any]:
    is_open = row.withdrawn_at is None and row.valid_until > work.now and row.uses < row.uses_allowed
    return {**row._mapping, "path": f"/v1/public/buddy-passes/{row.code}", "open": is_open}
