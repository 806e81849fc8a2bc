"""Notifications as one process of its own, with a mail server that does as it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from services.acquaintance import known_contacts
from services.contacts.contact.model import Contact
from tests.builders.post_office import PostOffice
from tests.house.keeper import Servers
from tests.house.living import LivingHouse


@pytest.fixture(scope="session")
def post_office() -> Iterator[PostOffice]:
    office = PostOffice(seconds=20).open()  # nobody waits so long: what fails, fails at once
    yield office
    office.close()


@pytest.fixture(scope="session")
def mail_house(servers: Servers, post_office: PostOffice) -> Iterator[LivingHouse]:
    living = LivingHouse(
        servers, services=["contacts", "notifications"], settings={"RAPPORT_SMTP_URL": post_office.url}
    )
    try:
        yield living.open()
    finally:
        living.close()


@pytest.fixture
def ask(mail_house: LivingHouse) -> Callable[..., Any]:
    return mail_house.ask


@pytest.fixture
def a_contact(mail_house: LivingHouse) -> Callable[..., dict[str, Any]]:
    """`a_contact(email=None, standing="archived")`: somebody whom notifications has heard of."""

    def meet(**told: Any) -> dict[str, Any]:
        return remember_contact(mail_house, **told)

    return meet


def remember_contact(house: LivingHouse, **told: Any) -> dict[str, Any]:
    id = new_id()
    contact = {
        "contact_id": id, "display_name": "Ada Lovelace", "first_name": "Ada", "email": f"{id}@example.com",
        "standing": "active", "version": 1, "complete": True,
    } | told  # fmt: skip
    with house.database("notifications").begin() as connection:
        connection.execute(known_contacts.insert(), contact)
    with house.database("contacts").begin() as connection:  # whose ledger is asked before anything is sent
        connection.execute(sa.insert(Contact), _entered(contact))
    return contact


def _entered(contact: dict[str, Any]) -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC)
    words = dict.fromkeys(("display_name", "sort_name", "search", "lifecycle_reason"), contact["display_name"])
    moments = dict.fromkeys(("lifecycle_since", "created_at", "changed_at"), now)
    kinds = {"kind": "person", "entered_as": "lead", "acquisition": "manual", "lifecycle": "lead"}
    return {"id": contact["contact_id"], "standing": contact["standing"], **words, **moments, **kinds}
