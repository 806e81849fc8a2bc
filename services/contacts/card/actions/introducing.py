"""Entering somebody who comes through another contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.errors import Invalid
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.actions.refusals import already_there, refuse_unknown_contacts
from services.contacts.card.queries.terms import terms_for
from services.contacts.card.rules import Draft, read_card
from services.contacts.contact.model import Contact


def introduce(work: Any, given: Mapping[str, Any], *, by: Contact, acquisition: str, pointer: str) -> str:
    """Enter them as a lead whom the one who brings them shares location and assignee with; answer their id.

    `given` has the shape of `contracts.contacts.introducing.Introduced`, and stands in the request at `pointer`.
    """
    others = given.get("not_duplicate_of") or ()
    try:
        card = read_card(given, **terms_for(work, [given]))
        refuse_unknown_contacts(work, others)
    except Invalid as refusal:
        errors = [{**error, "pointer": pointer + error["pointer"]} for error in refusal.errors]
        raise Invalid(refusal.detail, errors) from None
    card.profile |= {"location": by.location, "assigned_to": by.assigned_to}
    [entered] = add_contacts(work, [Draft(card, "lead", acquisition, distinct_from=frozenset(others))])
    if entered.contact_id is None:
        raise already_there(entered.doubles, [pointer + at for at in entered.taken])
    return entered.contact_id
