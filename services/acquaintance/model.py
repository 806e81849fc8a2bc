"""The tables `known_contacts` and `known_settings`, defined once and standing in the database of each service that
knows contacts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

known_contacts = Table(
    "known_contacts",
    MetaData(),
    Column("contact_id", Uuid(as_uuid=False), primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("first_name", Text),
    Column("email", Text),
    Column("standing", Text, nullable=False),
    Column("merged_into", Uuid(as_uuid=False)),
    Column("version", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("standing_version", BigInteger, nullable=False, server_default="0"),
)
"""Joined by name in whatever database the session is of; a name needs no second definition."""


known_settings = Table(
    "known_settings",
    MetaData(),
    Column("key", Text, primary_key=True),
    Column("value", JSONB),
    Column("version", BigInteger, nullable=False),
)
"""What the business said of itself, as it was told last."""


def known_contacts_table_of(base: Any) -> Table:
    """The same table in the metadata of a service's `Base`, for foreign keys and relationships."""
    return known_contacts.to_metadata(base.metadata)


def create_known_contacts(op: Any) -> None:
    """Create the table, in the first migration of a service."""
    op.create_table("known_contacts", *(column.copy() for column in known_contacts.columns))


def create_known_settings(op: Any) -> None:
    """Create the table of what the business says of itself."""
    op.create_table("known_settings", *(column.copy() for column in known_settings.columns))
