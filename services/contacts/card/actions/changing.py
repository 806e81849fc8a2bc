"""Changing cards: one by hand, or thousands at once by an import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from chassis.rows import insert_together, update_rows
from contracts.contacts.people import contact_changed
from contracts.contacts.words import CONVERTED
from contracts.errors import Conflict, Invalid, Problem
from services.contacts.addresses.actions import address_part, address_rows, drop_addresses
from services.contacts.card.actions.refusals import already_there, refuse_absent_member, refuse_unknown_contacts
from services.contacts.card.actions.since import refuse_day, since_when
from services.contacts.card.queries.cards import Kept, cards_of
from services.contacts.card.queries.doubles import Bearers, bearers_of, doubles_of, taken_by
from services.contacts.card.queries.reading import card_of
from services.contacts.card.queries.terms import Terms, terms_for
from services.contacts.card.rules import READERS, Card, Difference, EmailKey, PhoneKey, difference, emptied, read_card
from services.contacts.contact.actions import hold_contacts, tell_apart, why_not_changeable
from services.contacts.contact.model import Contact
from services.contacts.members.actions import end_with_addresses
from services.contacts.people.actions import drop_emails, drop_phones, email_part, email_rows, phone_part, phone_rows
from services.contacts.people.queries import Bearer


class Change(NamedTuple):
    """What is given replaces what is there, in the shape of `contracts.contacts.people.ChangeContact`.

    Who has read the whole card already gives that instead. `customer_since` and `membership_number` are told by an
    import and kept once, unless the day is to be replaced, be it by none.
    """

    contact_id: str
    given: Mapping[str, Any]
    distinct_from: Collection[str] = ()
    card: Card | None = None
    customer_since: dt.date | None = None
    membership_number: str | None = None
    replaces_customer_since: bool = False


class Changed(NamedTuple):
    """What became of a change: the fields that differ now, none if nothing does, or why it was refused."""

    contact_id: str
    fields: Difference
    problem: Problem | None = None


class _Step(NamedTuple):
    contact: Contact
    before: Card
    after: Card
    shared: set[EmailKey | PhoneKey]
    fields: Difference
    told: dt.date | None
    since: dt.date | None


def change_contact(work: Any, request: Any) -> dict[str, Any]:
    """Change what is given, refusing a lost update; changing nothing makes no new version and tells nothing."""
    work.act_for(request.asked_by)
    contact = hold_contacts(work, [request.contact_id]).get(request.contact_id)
    problem = why_not_changeable(contact)
    if problem:
        raise problem
    assert contact is not None
    work.expect(contact.version)
    if "assigned_to" in request:
        refuse_absent_member(work, request.assigned_to)
        if request.assigned_to is None and contact.acquisition == "manual" and contact.lifecycle == "lead":
            raise Invalid.field("/assigned_to", "A lead entered by hand needs a team member who looks after it.")
    corrects = "customer_since" in request
    if corrects:
        refuse_day(work, contact, request.customer_since)
    others = request.not_duplicate_of or ()
    refuse_unknown_contacts(work, others)
    change = Change(
        contact.id,
        emptied(request, contact.fields),
        others,
        customer_since=request.customer_since,
        replaces_customer_since=corrects,
    )
    [changed] = change_contacts(work, [change])
    if changed.problem:
        raise changed.problem
    return card_of(work, contact.id)


def change_contacts(work: Any, changes: Sequence[Change]) -> list[Changed]:
    """Change them all in a handful of statements and tell of each that differs; answer in their order.

    Each contact stands at most once among `changes`. What is refused is left as it is and does not hold up the others.
    """
    held = hold_contacts(work, (change.contact_id for change in changes))
    kept = cards_of(work, held.values())
    terms = terms_for(work, [change.given for change in changes])
    read = [_read(terms, change, held.get(change.contact_id), kept) for change in changes]
    bearers = bearers_of(work, [after for after in read if isinstance(after, Card)])
    told = {held[one.contact_id]: _told(held[one.contact_id], one) for one in changes if one.contact_id in held}
    since = since_when(work, {contact: day for contact, day in told.items() if day != contact.customer_since_told})
    outcomes, steps = [], []
    for change, after in zip(changes, read, strict=True):
        if isinstance(after, Problem):
            outcomes.append(Changed(change.contact_id, {}, after))
            continue
        contact, before = held[change.contact_id], kept[change.contact_id]
        doubles = _new_doubles(change, before, after, bearers)
        if doubles:
            outcomes.append(Changed(contact.id, {}, already_there(doubles, taken_by(doubles, after, bearers))))
            continue
        day = since.get(contact, contact.customer_since)
        fields = _difference(contact, before.card, after, change, day)
        outcomes.append(Changed(contact.id, fields))
        if fields or contact in since:
            shared = _shared(contact.id, before, after, bearers)
            steps.append(_Step(contact, before.card, after, shared, fields, told[contact], day))
    _keep(work, steps)
    done = [change for change, outcome in zip(changes, outcomes, strict=True) if not outcome.problem]
    tell_apart(work, [(change.contact_id, other) for change in done for other in change.distinct_from])
    return outcomes


def _read(terms: Terms, change: Change, contact: Contact | None, kept: dict[str, Kept]) -> Card | Problem:
    problem = why_not_changeable(contact)
    if problem:
        return problem
    if change.card:
        return change.card
    if change.given.get("lead_status") == CONVERTED and contact and contact.lifecycle == "lead":
        return Invalid.field("/lead_status", "Nobody is converted by hand: a paid package that is not a trial does it.")
    try:
        known = kept[change.contact_id].card
        return read_card(change.given, **terms, known=known)
    except Invalid as refusal:
        return refusal


def _new_doubles(change: Change, before: Kept, after: Card, bearers: Bearers) -> list[Bearer]:
    """Whom the change would make it the double of; what was shared before stays allowed."""
    known = set(before.card.keys)
    found = doubles_of((key for key in after.keys if key not in known), bearers)
    return [one for one in found if one.contact_id != change.contact_id and one.contact_id not in change.distinct_from]


def _shared(contact_id: str, before: Kept, after: Card, bearers: Bearers) -> set[EmailKey | PhoneKey]:
    others = {key for key in after.keys if any(one.contact_id != contact_id for one in bearers.get(key, ()))}
    known = set(before.card.keys)
    return {key for key in after.keys if key in before.shared or (key in others and key not in known)}


def _told(contact: Contact, change: Change) -> dt.date | None:
    """Since when they are a customer, as is told from now on: kept once, unless it is to be replaced."""
    keeps = not change.replaces_customer_since and (contact.customer_since_told or not change.customer_since)
    return contact.customer_since_told if keeps else change.customer_since


def _difference(contact: Contact, before: Card, after: Card, change: Change, since: dt.date | None) -> Difference:
    fields = difference(before, after)
    given = change.given
    if given.get("lead_status", CONVERTED) not in (CONVERTED, contact.lead_status):
        fields["lead_status"] = {"before": contact.lead_status, "after": given["lead_status"]}
    known = contact.customer_since
    if since != known:
        fields["customer_since"] = {"before": known and known.isoformat(), "after": since and since.isoformat()}
    if change.membership_number and contact.membership_number is None:
        fields["membership_number"] = {"before": None, "after": change.membership_number}
    return fields


def _keep(work: Any, steps: list[_Step]) -> None:
    update_rows(work.session, Contact.__table__, [_row(work, step) for step in steps])
    _keep_parts(work, steps)
    work.record_many(
        contact_changed,
        [
            (
                step.contact.id,
                {
                    "changes": step.fields,
                    "display_name": step.after.display_name,
                    "version": step.contact.version + 1,
                },
            )
            for step in steps
            if step.fields
        ],
    )


def _row(work: Any, step: _Step) -> dict[str, Any]:
    contact, after, fields = step.contact, step.after, step.fields
    status = fields.get("lead_status", {"after": contact.lead_status})
    number = fields["membership_number"]["after"] if "membership_number" in fields else contact.membership_number
    return {
        "id": contact.id,
        **{name: after.profile[name] for name in READERS},
        "fields": after.fields,
        "lead_status": status["after"],
        "customer_since": step.since,
        "customer_since_told": step.told,
        "display_name": after.display_name,
        "sort_name": after.sort_name,
        "membership_number": number,
        "search": after.search_text(number),
        "version": contact.version + bool(fields),
        "changed_at": work.now,
        "changed_by": work.actor.id,
    }


def _keep_parts(work: Any, steps: list[_Step]) -> None:
    """Replace the lists that differ; the phones of who is called otherwise now, too."""
    emails = {step.contact.id: step for step in steps if "emails" in step.fields}
    phones = {
        step.contact.id: step
        for step in steps
        if "phones" in step.fields or (step.after.phones and step.before.name_key != step.after.name_key)
    }
    addresses = {step.contact.id: step for step in steps if "addresses" in step.fields}
    drop_emails(work, emails)
    drop_phones(work, phones)
    drop_addresses(work, addresses)
    new_emails = [row for id, step in emails.items() for row in email_rows(id, step.after.emails, step.shared)]
    new_phones = [
        row
        for id, step in phones.items()
        for row in phone_rows(id, step.after.phones, step.after.name_key, step.shared)
    ]
    new_addresses = [row for id, step in addresses.items() for row in address_rows(id, step.after.addresses)]
    parts = email_part(new_emails), phone_part(new_phones), address_part(new_addresses)
    if not insert_together(work.session, *parts):
        raise Conflict("Somebody entered the same e-mail address or phone in this moment; look again.")
    end_with_addresses(work, emails)
