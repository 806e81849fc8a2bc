"""What becomes of a signup: a lead, or a word that somebody known came again."""

from __future__ import annotations

from typing import Any, NamedTuple

from contracts.contacts import signups as published
from contracts.errors import Invalid
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.queries.terms import terms_for
from services.contacts.card.rules import Card, Draft, read_card
from services.contacts.consent.actions import keep_consents
from services.contacts.referrals.actions import hold_open_pass, note_referral, use_pass
from services.contacts.referrals.queries import host_of_code
from services.contacts.signups.model import Signup
from services.contacts.signups.rules import card_given


class _Host(NamedTuple):
    """Who brought them along, and how."""

    contact_id: str
    via: str
    buddy_pass_id: str | None = None


def settle_signup(work: Any, event: Any) -> None:
    """Enter them as a lead whom nobody is assigned to; of who is known already, only that they came again is told.

    What a stranger sends from a public page changes nothing of a contact who is known, their consents least of all.
    """
    signup = work.session.get(Signup, event.data.signup_id, with_for_update=True)
    if signup is None or signup.form is None or signup.outcome:
        return
    form, signup.form, signup.settled_at = signup.form, None, work.now
    given = card_given(form)
    try:
        card = read_card(given, **terms_for(work, [given]))
    except Invalid:  # its location was archived since
        signup.outcome = "refused"
        return
    host = _host_of(work, form)
    [entered] = add_contacts(work, [Draft(card, "lead", host.via if host else form["way"])])
    if entered.contact_id is None:
        signup.outcome, signup.contact_id = "known", entered.doubles[0].contact_id
        told = {"signup_id": signup.id, "way": form["way"], "source": form.get("source")}
        work.record(published.signed_up_again, signup.contact_id, **told)
        return
    signup.outcome, signup.contact_id = "entered", entered.contact_id
    _keep_consents(work, signup, form)
    if host:
        _credit(work, host, entered.contact_id, card)


def _host_of(work: Any, form: dict[str, Any]) -> _Host | None:
    """Whoever gave them the pass, else the code; a pass that others used up meanwhile makes nobody a guest."""
    if form.get("buddy_pass_code"):
        buddy_pass = hold_open_pass(work, form["buddy_pass_code"])
        if buddy_pass:
            return _Host(buddy_pass.contact_id, "buddy_pass", buddy_pass.id)
    if form.get("referral_code"):
        host = host_of_code(work, form["referral_code"])
        if host:
            return _Host(host.id, "referral")
    return None


def _credit(work: Any, host: _Host, contact_id: str, card: Card) -> None:
    if host.buddy_pass_id:
        use_pass(work, host.buddy_pass_id)
    note_referral(
        work,
        by=host.contact_id,
        referred_id=contact_id,
        referred_name=card.display_name,
        via=host.via,
        buddy_pass_id=host.buddy_pass_id,
    )


def _keep_consents(work: Any, signup: Signup, form: dict[str, Any]) -> None:
    lines = [
        {
            "contact_id": signup.contact_id,
            "channel": box["channel"],
            "about": box["purpose"],
            "granted": box["granted"],
            "text": box["text"],
            "said_at": signup.received_at,
            "how": "by themselves",
            "from_address": form.get("from_address"),
        }
        for box in form.get("consents") or ()
    ]
    keep_consents(work, lines, source=form["way"])
