"""Taking in a signup: only what cannot be a card is refused, nobody is looked for."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id
from contracts.contacts import signups as published
from contracts.errors import Invalid
from services.contacts.card.queries.terms import terms_for
from services.contacts.card.rules import read_card
from services.contacts.referrals.queries import host_of_code, open_pass
from services.contacts.signups.model import Signup
from services.contacts.signups.rules import as_in_the_form, card_given, refuse_unreachable

_NO_GUEST = "This invitation is not valid, or not any more."


def sign_up(work: Any, request: Any) -> dict[str, Any]:
    """Keep what was sent; who it is, is found out when nobody waits for the answer any more."""
    form = {name: value for name, value in request.items() if value is not None}
    if request.birthday:
        form["birthday"] = request.birthday.isoformat()
    refuse_unreachable(form)
    given = card_given(form)
    try:
        read_card(given, **terms_for(work, [given]))
    except Invalid as refusal:
        raise as_in_the_form(refusal) from None
    if request.referral_code and host_of_code(work, request.referral_code) is None:
        raise Invalid.field("/referral_code", _NO_GUEST)
    if request.buddy_pass_code and open_pass(work, request.buddy_pass_code) is None:
        raise Invalid.field("/buddy_pass_code", _NO_GUEST)
    trapped = bool(form.pop("website", None))
    signup = Signup(id=new_id(), form=form, received_at=work.now, outcome="trapped" if trapped else None)
    work.session.add(signup)
    if not trapped:
        work.record(published.signup_received, None, signup_id=signup.id)
    return {"received": True}
