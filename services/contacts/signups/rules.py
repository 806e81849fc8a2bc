"""How the form of a signup is read as a card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from contracts.errors import Invalid

_ALIKE = ("first_name", "last_name", "location", "source")
_POINTERS = {"/emails/0/value": "/email", "/phones/0/value": "/phone"}


def card_given(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form in the shape of `contracts.contacts.people.CreateContact`."""
    given: dict[str, Any] = {name: form[name] for name in _ALIKE if form.get(name)}
    if form.get("birthday"):
        given["birthday"] = dt.date.fromisoformat(form["birthday"])
    for name in ("email", "phone"):
        given[f"{name}s"] = [{"value": form[name]}] if form.get(name) else []
    return given


def refuse_unreachable(form: Mapping[str, Any]) -> None:
    if not form.get("email") and not form.get("phone"):
        detail = "An e-mail address or a phone number is needed."
        raise Invalid(detail, [{"pointer": f"/{name}", "detail": detail} for name in ("email", "phone")])


def as_in_the_form(refusal: Invalid) -> Invalid:
    """A refusal of the card, with the pointers of the form."""
    errors = [{**error, "pointer": _POINTERS.get(error["pointer"], error["pointer"])} for error in refusal.errors]
    return Invalid(refusal.detail, errors)
