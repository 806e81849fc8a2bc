"""Giving cards back what an import changed on them, field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.contacts.importing import OWN_FIELD
from services.contacts.addresses.rules import PostalAddress
from services.contacts.card.actions.changing import Change, change_contacts
from services.contacts.card.queries.cards import cards_of
from services.contacts.card.rules import Card, plain_card
from services.contacts.contact.model import Contact
from services.contacts.importing.rules.undoing import FOR_EVER, LISTS, Effect, Remarks, without

_DAYS = ("birthday", "customer_since")


def restore_cards(work: Any, effects: Mapping[str, Effect], held: Mapping[str, Contact]) -> dict[str, Remarks]:
    """Restore each field whose value is still what the import wrote; tell for each contact what is left, and why."""
    touched = {id: effect for id, effect in effects.items() if effect.changes}
    kept = cards_of(work, [held[id] for id in touched])
    left: dict[str, Remarks] = {}
    changes = []
    for contact_id, effect in touched.items():
        change, remarks = _restored(held[contact_id], kept[contact_id].card, effect)
        changes.append(change)
        if remarks:
            left[contact_id] = remarks
    for changed in change_contacts(work, changes) if changes else ():
        if changed.problem:
            left.setdefault(changed.contact_id, []).append({"column": None, "detail": changed.problem.detail})
    return left


def _restored(contact: Contact, card: Card, effect: Effect) -> tuple[Change, Remarks]:
    now, profile, fields = plain_card(card), dict(card.profile), dict(card.fields)
    now |= {OWN_FIELD + key: value for key, value in fields.items()}
    lists = {name: getattr(card, name) for name in LISTS}
    remarks: Remarks = []
    since: list[str | None] = []
    for name, change in effect.changes.items():
        if name in FOR_EVER:
            remarks.append({"column": name, "detail": "Once given it stays, and is never another's."})
        elif name == "customer_since":
            since = [change["before"]] if str(contact.customer_since_told or "") == change["after"] else []
            remarks += [] if since else [_stays(name)]
        elif name in LISTS:
            rest = without(now[name], change)
            if rest is None:
                remarks.append(_stays(name))
            elif name == "addresses":
                lists[name] = [PostalAddress(**address) for address in rest]
            else:
                kept = [item for item, plain in zip(lists[name], now[name], strict=True) if plain in rest]
                lists[name] = kept
        elif now.get(name) != change["after"]:
            remarks.append(_stays(name))
        elif name.startswith(OWN_FIELD):
            fields |= {name.removeprefix(OWN_FIELD): change["before"]}
        else:
            profile[name] = _typed(name, change["before"])
    fields = {key: value for key, value in fields.items() if value is not None}
    restored = replace(card, profile=profile, fields=fields, **lists)
    day = _typed("customer_since", since[0]) if since else None
    restoring = Change(contact.id, {}, card=restored, customer_since=day, replaces_customer_since=bool(since))
    return restoring, remarks


def _typed(name: str, plain: Any) -> Any:
    return dt.date.fromisoformat(plain) if name in _DAYS and plain else plain


def _stays(name: str) -> dict[str, str | None]:
    return {"column": name, "detail": "It was changed since, and stays as it is."}
