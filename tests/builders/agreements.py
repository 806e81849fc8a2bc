"""Agreements and the contacts that they are made out to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.documents import agreements, templates
from services.acquaintance import known_contacts
from tests.house.living import LivingHouse


def acquaint(
    house: LivingHouse,
    *,
    display_name: str = "Łukasz Żółć",
    first_name: str | None = "Łukasz",
    standing: str = "active",
) -> str:
    """Let documents know a contact as if it had met it, and answer with its id."""
    contact_id = new_id()
    with house.database("documents").begin() as connection:
        row = {"contact_id": contact_id, "display_name": display_name, "first_name": first_name, "standing": standing}
        connection.execute(sa.insert(known_contacts).values(row | {"version": 1, "complete": True}))
    return contact_id


def with_token(agreement: dict[str, Any]) -> dict[str, Any]:
    """The agreement with the token of its link."""
    return agreement | {"token": (agreement["sign_url"] or "").rpartition("/")[2]}


def an_agreement(house: LivingHouse) -> dict[str, Any]:
    """One that waits for a signature, in a house of its own."""
    template_id = house.ask(templates.list_templates)["items"][0]["id"]
    contact_id = acquaint(house)
    return with_token(house.ask(agreements.send_agreement, contact_id=contact_id, template_id=template_id))
