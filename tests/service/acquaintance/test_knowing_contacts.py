"""What a service remembers of contacts, seen through the door of one that writes to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.contacts import people
from contracts.errors import NotFound, Unavailable
from contracts.notifications import communications, templates
from local.processes import wait_for
from tests.house.living import LivingHouse

BESIDE = "notifications"
"""The service that stands beside contacts in the house `two`."""


@pytest.fixture
def call(two: LivingHouse) -> Callable[[str], Any]:
    """Write down a call with a contact, which needs no more than knowing them."""
    return lambda contact_id: two.ask(
        communications.log_communication, contact_id=contact_id, channel="call", direction="in"
    )


@pytest.fixture
def written_to(two: LivingHouse) -> Callable[[str], str]:
    """The address that a message to a contact would go to."""
    template = two.ask(templates.create_message_template, name=new_id(), subject="Hello", body_text="How are you?")
    return lambda id: two.ask(templates.preview_message, contact_id=id, template_id=template["id"])["recipient"]


def remembered(two: LivingHouse, contact_id: str) -> Any:
    with two.database("notifications").connect() as connection:
        statement = "SELECT * FROM known_contacts WHERE contact_id = %s"
        return connection.exec_driver_sql(statement, (contact_id,)).one_or_none()


def test_a_contact_whose_event_is_on_its_way_is_known_by_asking_once(
    two: LivingHouse, a_contact: Callable[..., str], call: Callable[[str], Any]
) -> None:
    two.process("notifications-events-jobs").stop()
    ana = a_contact("ana@example.com")
    assert remembered(two, ana) is None
    call(ana)
    assert (remembered(two, ana).email, remembered(two, ana).complete) == ("ana@example.com", True)
    two.start_again("notifications-events-jobs")
    later = a_contact()
    assert wait_for(lambda: remembered(two, later) is not None, 15)
    assert remembered(two, ana).complete, "the event of what is known already took nothing away"


def test_who_moves_to_another_address_is_written_to_there(
    two: LivingHouse, a_contact: Callable[..., str], written_to: Callable[[str], str]
) -> None:
    ana = a_contact("old@example.com")
    assert written_to(ana) == "old@example.com"
    changed = two.ask(people.change_contact, contact_id=ana, emails=[{"value": "new@example.com"}])
    assert wait_for(lambda: remembered(two, ana).version == changed["version"], 15)
    assert written_to(ana) == "new@example.com"


def test_whom_nobody_knows_is_not_found_and_known_ones_need_no_contacts(
    two: LivingHouse, a_contact: Callable[..., str], call: Callable[[str], Any]
) -> None:
    with pytest.raises(NotFound):
        call(new_id())
    ana = a_contact()
    call(ana)
    two.process("contacts").stop()
    try:
        call(ana)
        with pytest.raises(Unavailable):
            call(new_id())
    finally:
        two.start_again("contacts")
