"""What an event leaves behind to be counted, and what can be said of a contact's figures."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from contracts.catalogue import all_events
from services.contacts.projections.rules import Happened

BILLED = (
    "lifetime_value", "dues", "purchases", "first_purchase_at", "last_purchase_at", "spend", "other_currencies",
)  # fmt: skip
CREDIT = "account_credit"
"""What is paid by it brings no money, and what is given back to it takes none away."""
SEES_MONEY = "billing.read"
"""What was bought and what it came to, and the permission of who may see it."""
DAYS_OF_A_MONTH = 365.2425 / 12
FIGURES_OF_BOOKINGS = (
    "bookings", "visits", "cancellations", "late_cancellations", "no_shows",
    "first_booking_at", "last_booking_at", "last_visit_at",
)  # fmt: skip


class Mark(NamedTuple):
    """What an event says of one thing; of two about the same thing the one with the higher (`rank`, `event_id`) holds.

    So it does not matter in what order events come, nor how often.
    """

    contact_id: str
    kind: str
    thing: str
    rank: int
    event_id: str
    at: dt.datetime
    data: dict[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.contact_id, self.kind, self.thing

    @property
    def age(self) -> tuple[int, str]:
        return self.rank, self.event_id


def marks_of(event: Happened) -> Iterator[Mark]:
    """Everything that is to be remembered of an event about a contact."""
    if event.subject is None:
        return
    for of_type in _MARKS.get(event.type, ()):
        yield of_type(event)
    if event.type in OWN or (event.actor or {}).get("role") == "member" or event.data.get("direction") == "in":
        yield _latest(event, "active", moment=_moment(event))


def newest(marks: list[Mark]) -> list[Mark]:
    """One mark for each thing, in the order in which everybody writes them."""
    kept: dict[tuple[str, str, str], Mark] = {}
    for mark in marks:
        known = kept.get(mark.key)
        if known is None or mark.age > known.age:
            kept[mark.key] = mark
    return [kept[key] for key in sorted(kept)]


def rounds_of(events: Iterable[Happened]) -> list[dict[str, tuple[Happened, list[Mark]]]]:
    """What left a mark, by contact and as it happened: the first event of each, then the second of each, and so on."""
    rounds: list[dict[str, tuple[Happened, list[Mark]]]] = []
    heard: Counter[str] = Counter()
    for event in sorted(events, key=lambda event: (event.time, event.source, event.sequence)):
        marks = list(marks_of(event))
        if marks:
            whom = _whom(event)
            if heard[whom] == len(rounds):
                rounds.append({})
            rounds[heard[whom]][whom] = event, marks
            heard[whom] += 1
    return rounds


OWN = ("agreement.viewed", "agreement.signed", "agreement.declined", "booking.attended", "member_session.begun")
"""What nobody does but the contact; else it counts as theirs when a member did it, or when a message came in."""


def _mark(kind: str, thing: str, *names: str) -> Callable[[Happened], Mark]:
    """A mark about the thing whose id the event gives as `thing`, with these of its data."""

    def mark(event: Happened) -> Mark:
        data = {name: event.data.get(name) for name in names}
        return Mark(_whom(event), kind, event.data[thing], event.sequence, event.id, event.time, data)

    return mark


def _of_contact(kind: str, **names: str) -> Callable[[Happened], Mark]:
    """A mark about the contact as a whole: what the newest event in the log of its service says."""

    def mark(event: Happened) -> Mark:
        data = {name: event.data.get(source) for name, source in names.items()}
        return Mark(_whom(event), kind, _whom(event), event.sequence, event.id, event.time, data)

    return mark


def _money(kind: str, thing: str | None, amount: str = "amount") -> Callable[[Happened], Mark]:
    def mark(event: Happened) -> Mark:
        told = event.data[amount]
        order, renewal = event.data.get("order_id"), event.data.get("renewal_id")
        data = {"order": order or renewal, "currency": told["currency"], "amount": told["amount"]}
        if renewal:
            data["recurring"] = True
        if CREDIT in (event.data.get("method"), event.data.get("to")):
            data["credit"] = True
        if kind == "refund":
            data["credited"] = (event.data.get("credited") or told)["amount"]
        of = event.data[thing] if thing else event.id
        return Mark(_whom(event), kind, of, event.sequence, event.id, event.time, data)

    return mark


def _written_off(event: Happened) -> Mark:
    """What is not expected any more of an order or a renewal."""
    lost = event.data["amount"]
    data = {"order": event.data["cause_id"], "currency": lost["currency"], "amount": lost["amount"]}
    return Mark(
        _whom(event), "written_off", event.data["invoice_id"], event.sequence, event.id, event.time, data
    )  # fmt: skip


def _latest(event: Happened, kind: str, *, moment: dt.datetime, **data: Any) -> Mark:
    """A mark of which the latest moment counts, whatever order the logs have."""
    return Mark(_whom(event), kind, _whom(event), round(moment.timestamp() * 1_000_000), event.id, moment, data)


def _contacted(event: Happened) -> Mark:
    return _latest(event, "contacted", moment=_moment(event), channel=event.data["channel"])


def _booking(event: Happened) -> Mark:
    starts_at = dt.datetime.fromisoformat(event.data["starts_at"])
    data = {"state": event.data["state"], "title": event.data["title"]}
    return Mark(_whom(event), "booking", event.data["booking_id"], event.sequence, event.id, starts_at, data)


def _moment(event: Happened) -> dt.datetime:
    told = event.data.get("happened_at")
    return dt.datetime.fromisoformat(told) if told else event.time


def _whom(event: Happened) -> str:
    return str(event.subject)


def _using(event: Happened) -> Mark:
    """A membership that somebody else pays for is one that the contact has."""
    data = {name: event.data.get(name) for name in ("name", "pricing_option", "expires_on")}
    data["kind"] = "membership"
    return Mark(_whom(event), "paid", event.data["seat_id"], event.sequence, event.id, event.time, data)


def _used(event: Happened) -> Mark:
    """They use it no longer, or it is as if they never did."""
    reversed = event.data.get("reversed")
    return (_mark("reversed", "seat_id") if reversed else _mark("ended", "seat_id", "reason", "ended_at"))(event)


_stage_entered = _of_contact("stage", stage="stage")
_booked = _of_contact("booked", **{name: name for name in FIGURES_OF_BOOKINGS})
_OF_BOOKINGS = [event.type for event in all_events() if event.service == "contacts" and event.type[:8] == "booking."]
_AS_IT_STANDS = ("state", "name", "pricing_option", "expires_on")
_subscription = _mark("subscription", "assignment_id", *_AS_IT_STANDS)
_shared = _mark("subscription", "seat_id", *_AS_IT_STANDS)
_OF_SUBSCRIPTIONS = [event.type for event in all_events() if event.type.startswith("subscription.")]
_MARKS: dict[str, tuple[Callable[[Happened], Mark], ...]] = {
    "contact.created": (_of_contact("entered"),),
    "order.placed": (_money("order", "order_id", "total"),),
    "order.cancelled": (_money("cancelled", "order_id", "total"),),
    "invoice.written_off": (_written_off,),
    "payment.taken": (_money("payment", "payment_id"),),
    "payment.refunded": (_money("refund", None),),
    "renewal.due": (_money("order", "renewal_id"),),
    "renewal.waived": (_money("cancelled", "renewal_id"),),
    **dict.fromkeys(_OF_SUBSCRIPTIONS, (_subscription,)),
    "shared_membership.joined": (_using, _shared),
    "shared_membership.changed": (_shared,),
    "shared_membership.left": (_used, _shared),
    "package.assigned": (_mark("assigned", "assignment_id", "kind", "name", "trial"),),
    "package.paid": (_mark("paid", "assignment_id", "kind", "name", "pricing_option", "expires_on"),),
    "package.reversed": (_mark("reversed", "assignment_id"),),
    "package.ended": (_mark("ended", "assignment_id", "reason", "ended_at"),),
    "trial.ended": (_mark("ended", "assignment_id", "reason", "ended_at"),),
    "lead.entered": (_stage_entered,),
    "lead.moved": (_of_contact("stage", stage="to_stage"),),
    "lead.reopened": (_stage_entered,),
    "message.sent": (_contacted,),
    "message.logged": (_contacted,),
    **dict.fromkeys(_OF_BOOKINGS, (_booking, _booked)),
}
TYPES = frozenset((*_MARKS, *OWN))
"""The kinds of events that leave a mark."""


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The facts that are other ones now, as they are told."""
    return {
        name: {"before": _told(before[name]), "after": _told(value)}
        for name, value in after.items()
        if before[name] != value
    }


def _told(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, dt.date) else value


def sum_of(amount: int, currency: str) -> dict[str, Any]:
    """An amount as it is told."""
    return {"amount": amount, "currency": currency}


def spend_of(
    value: int, currency: str, *, bookings: int, first_purchase_at: dt.datetime | None, now: dt.datetime
) -> dict[str, Any]:
    """Spend in total, for each booking, and for each month since the first purchase; the first month counts whole."""
    per_booking = sum_of(round(value / bookings), currency) if bookings else None
    per_month = None
    if first_purchase_at:
        months = max(1.0, (now - first_purchase_at).total_seconds() / 86400 / DAYS_OF_A_MONTH)
        per_month = sum_of(round(value / months), currency)
    return {"total": sum_of(value, currency), "per_booking": per_booking, "per_month": per_month}
