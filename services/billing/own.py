"""What a member reaches: what is theirs. Of all else they hear that there is no such thing (decision 0318)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from sqlalchemy import select

from chassis.entrypoints import serves
from chassis.work import Work
from contracts.access import MEMBER
from contracts.errors import NotFound
from contracts.language import Request, Rpc
from services.billing.base import Base

Action = Callable[[Work, Request], Any]

TABLES = {
    "order_id": "orders",
    "invoice_id": "invoices",
    "credit_note_id": "credit_notes",
    "payment_id": "payments",
    "subscription_id": "subscriptions",
    "renewal_id": "renewals",
    "payment_plan_id": "payment_plans",
    "instalment_id": "instalments",
    "card_id": "cards",
}
"""Where it stands whose a thing is, by the name under which a request asks for it."""
WHOSE = ("contact_id", "for_contact")


def serves_own(asked: Rpc, action: Action) -> Callable[..., Any]:
    """Answer as `serves` does, and a member about themselves alone.

    What a request has to name is theirs; what it may name besides narrows what is theirs. A list is of theirs,
    whatever is asked for. What the team writes for itself is left out of the answer.
    """
    members = asked.takes().load_fields
    things = [name for name in TABLES if name in members and members[name].required]
    whose = [name for name in WHOSE if name in members]
    if not things and not whose:
        raise TypeError(f"{asked} does not say whose it is.")

    @wraps(action)
    def answer(work: Work, request: Request) -> Any:
        if work.actor.role == MEMBER:
            for name in things:
                _must_be_theirs(work, name, request[name])
            for name in whose:
                request[name] = _themselves(work, request.get(name))
            return _told(action(work, request), work.actor.id)
        return action(work, request)

    return serves(asked, answer)


def _must_be_theirs(work: Work, name: str, thing_id: str) -> None:
    table = Base.metadata.tables[TABLES[name]].c
    if work.reading.scalar(select(table.contact_id).where(table.id == thing_id)) != work.actor.id:
        raise NotFound(f"There is no such {name.removesuffix('_id').replace('_', ' ')}.")


def _themselves(work: Work, contact_id: str | None) -> str | None:
    if contact_id not in (None, work.actor.id):
        raise NotFound("There is no such contact.")
    return work.actor.id


def _told(answer: Any, member: str | None) -> Any:
    """Leave out of an answer, all the way down, why the team did what it did, and the names of everybody else.

    That somebody is the member tells the id beside the name: two may have one name.
    """
    if isinstance(answer, list):
        return [_told(each, member) for each in answer]
    if not isinstance(answer, dict):
        return answer
    told = {name: _told(value, member) for name, value in answer.items()}
    for name in answer:
        if (name == "by" or name.endswith("_by")) and answer.get(f"{name}_id") != member:
            told[name] = None
    if "reason" in told and not _is_theirs_to_know(answer):
        told["reason"] = None
    return told


def _is_theirs_to_know(thing: dict[str, Any]) -> bool:
    """Whether the reason is the card provider's answer, to a payment or to a card, or what their credit paid for."""
    match thing:
        case {"method": _, "state": "failed"} | {"brand": _, "state": "refused"} | {"failures": _} | {"kind": "spent"}:
            return True
    return False
