"""Keeping the addresses of many contacts at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete

from chassis.rows import Part
from services.contacts.addresses.model import Address
from services.contacts.addresses.rules import PostalAddress


def address_rows(contact_id: str, addresses: Iterable[PostalAddress]) -> list[dict[str, Any]]:
    rows = []
    for position, address in enumerate(addresses):
        parts = address._asdict()
        rows.append({"contact_id": contact_id, "position": position, "is_primary": parts.pop("primary"), **parts})
    return rows


def address_part(rows: list[dict[str, Any]]) -> Part:
    return Part(Address.__table__, rows)


def drop_addresses(work: Any, contact_ids: Collection[str]) -> None:
    if contact_ids:
        work.session.execute(delete(Address).where(Address.contact_id.in_(contact_ids)))
