"""Agreements and the contacts that they are made out to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
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
