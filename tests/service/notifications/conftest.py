"""Notifications as one process of its own, with a mail server that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.ids import new_id
from services.acquaintance import known_contacts
from tests.builders.post_office import PostOffice
from tests.house.keeper import Servers
from tests.house.living import LivingHouse


@pytest.fixture(scope="session")
def post_office() -> Iterator[PostOffice]:
    office = PostOffice(seconds=2.0).open()
    yield office
    office.close()


@pytest.fixture(scope="session")
def mail_house(servers: Servers, post_office: PostOffice) -> Iterator[LivingHouse]:
    living = LivingHouse(servers, services=["notifications"], settings={"RAPPORT_SMTP_URL": post_office.url})
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
    return contact
