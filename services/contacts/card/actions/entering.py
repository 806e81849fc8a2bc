"""Entering contacts: one by hand, or thousands at once by an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete

from chassis.ids import new_id
from chassis.rows import Part, insert_together
from contracts.access import API
from contracts.contacts.people import contact_created
from contracts.errors import Invalid
from services.contacts.addresses.actions import address_part, address_rows
from services.contacts.card.actions.refusals import already_there, refuse_absent_member, refuse_unknown_contacts
from services.contacts.card.queries.doubles import Bearers, bearers_of, doubles_of, taken_by
from services.contacts.card.queries.reading import shown_as_entered
from services.contacts.card.queries.terms import terms_for
from services.contacts.card.rules import Draft, EmailKey, PhoneKey, read_card
from services.contacts.contact.actions import tell_apart
from services.contacts.contact.model import Contact
from services.contacts.contact.rules import lead_from_the_start
from services.contacts.people.actions import email_part, email_rows, phone_part, phone_rows
from services.contacts.people.queries import Bearer
from services.contacts.settings.queries import setting


class Entered(NamedTuple):
    """What became of a draft: the new contact's id and row, or the contacts that it would have been the double of.

    `taken` are the pointers of what these have.
    """

    contact_id: str | None
    doubles: list[Bearer]
    row: dict[str, Any] | None = None
    taken: Sequence[str] = ()


class _New(NamedTuple):
    draft: Draft
    row: dict[str, Any]
    shared: set[EmailKey | PhoneKey]

    @property
    def contact_id(self) -> str:
        return self.row["id"]


def create_contact(work: Any, request: Any) -> dict[str, Any]:
    """Enter one contact, by hand or by another system; a customer comes with the step to do next."""
    work.act_for(request.asked_by)
    card = read_card(request, **terms_for(work, [request]))
    by_hand = work.actor.role not in (API, "service")
    if by_hand and request.enter_as == "lead" and not request.assigned_to:
        raise Invalid.field("/assigned_to", "A lead entered by hand needs a team member who looks after it.")
    refuse_absent_member(work, request.assigned_to)
    others = frozenset(request.not_duplicate_of or ())
    refuse_unknown_contacts(work, request.not_duplicate_of or ())
    draft = Draft(card, request.enter_as, "manual" if by_hand else "api", distinct_from=others)
    [entered] = add_contacts(work, [draft])
    if entered.contact_id is None or entered.row is None:
        raise already_there(entered.doubles, entered.taken)
    return shown_as_entered(entered.row, card) | _next_step(entered.contact_id, request.enter_as)


def _next_step(contact_id: str, entered_as: str) -> dict[str, Any]:
    if entered_as != "customer":
        return {}
    reason = "A customer is who has paid for a package that is not a trial: begin with a draft order."
    return {"next_step": {"kind": "draft_order", "contact_id": contact_id, "reason": reason}}


def add_contacts(work: Any, drafts: Sequence[Draft]) -> list[Entered]:
    """Enter them all in a handful of statements and tell of each; answer what became of each, in their order.

    An exact duplicate of an active contact, or of an earlier draft, is not entered unless the draft is
    `distinct_from` it. Two who enter the same person in the same moment cannot both succeed.
    """
    outcomes, new = _apart_from_doubles(work, drafts, bearers_of(work, [draft.card for draft in drafts]))
    if not _keep(work, new):
        # Somebody entered one of them between our look and our insert, and has committed since: take back what
        # nobody has seen yet and begin anew, for now the look finds who came first.
        work.session.execute(delete(Contact).where(Contact.id.in_([one.contact_id for one in new])))
        return add_contacts(work, drafts)
    tell_apart(work, [(one.contact_id, other) for one in new for other in one.draft.distinct_from])
    work.record_many(contact_created, [(one.contact_id, _told(one.draft)) for one in new])
    return outcomes


def _apart_from_doubles(work: Any, drafts: Sequence[Draft], bearers: Bearers) -> tuple[list[Entered], list[_New]]:
    outcomes: list[Entered] = []
    new: list[_New] = []
    earlier: Bearers = {}
    for draft in drafts:
        keys = draft.card.keys
        found = [one for one in doubles_of(keys, bearers) if one.contact_id not in draft.distinct_from]
        found += doubles_of(keys, earlier)
        if found:
            outcomes.append(Entered(None, found, taken=taken_by(found, draft.card, bearers, earlier)))
            continue
        row = _row(work, new_id(), draft)
        new.append(_New(draft, row, {key for key in keys if key in bearers}))
        earlier |= {key: [Bearer(row["id"], draft.card.display_name)] for key in keys}
        outcomes.append(Entered(row["id"], [], row))
    return outcomes, new


def _keep(work: Any, new: Sequence[_New]) -> bool:
    """Insert them with all that they have; false when somebody else took an e-mail or a phone in this very moment."""
    emails, phones, addresses = [], [], []
    for one in new:
        card = one.draft.card
        emails += email_rows(one.contact_id, card.emails, one.shared)
        phones += phone_rows(one.contact_id, card.phones, card.name_key, one.shared)
        addresses += address_rows(one.contact_id, card.addresses)
    rows = Part(Contact.__table__, [one.row for one in new])
    return insert_together(work.session, rows, email_part(emails), phone_part(phones), address_part(addresses))


def _row(work: Any, contact_id: str, draft: Draft) -> dict[str, Any]:
    card = draft.card
    policy = setting(work, "lifecycle_policy")
    lifecycle = lead_from_the_start(entered_as=draft.entered_as, created_at=work.now, policy=policy)
    return card.profile | {
        "id": contact_id,
        "standing": "active",
        "version": 1,
        "display_name": card.display_name,
        "sort_name": card.sort_name,
        "search": card.search_text(draft.membership_number),
        "membership_number": draft.membership_number,
        "fields": card.fields,
        "booked_position": 0,
        "lead_status": "new" if draft.entered_as == "lead" else None,
        "entered_as": draft.entered_as,
        "acquisition": draft.acquisition,
        "lifecycle": lifecycle.state,
        "lifecycle_reason": lifecycle.reason,
        "lifecycle_since": lifecycle.since,
        "customer_since": draft.customer_since,
        "customer_since_told": draft.customer_since,
        "created_at": work.now,
        "created_by": work.actor.id,
        "changed_at": work.now,
        "changed_by": work.actor.id,
    }


def _told(draft: Draft) -> dict[str, Any]:
    card = draft.card
    return {
        "kind": card.profile["kind"],
        "display_name": card.display_name,
        "entered_as": draft.entered_as,
        "acquisition": draft.acquisition,
        "source": card.profile["source"],
        "assigned_to": card.profile["assigned_to"],
        "location": card.profile["location"],
        "version": 1,
    }
