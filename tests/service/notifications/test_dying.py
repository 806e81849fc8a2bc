"""A process that dies or is asked to leave with a letter in its hands: never sent twice, never forgotten."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.notifications import messages
from local.processes import wait_for
from tests.builders.post_office import HANG, PostOffice
from tests.house.living import LivingHouse
from tests.service.notifications.conftest import remember_contact
from tests.service.notifications.letters import WELCOME, let_hours_pass, wait_for_state

pytestmark = pytest.mark.requirement("N02")


@pytest.fixture
def patient_office() -> Iterator[PostOffice]:
    office = PostOffice(seconds=60.0).open()
    yield office
    office.close()


@pytest.fixture
def a_mail_house(a_house: Callable[..., LivingHouse], patient_office: PostOffice) -> LivingHouse:
    return a_house(services=["contacts", "notifications"], settings={"RAPPORT_SMTP_URL": patient_office.url})


def a_letter_in_hand(house: LivingHouse, office: PostOffice) -> dict[str, Any]:
    """A message whose words the mail server has, and has not answered."""
    contact = remember_contact(house)
    office.tell(contact["email"], HANG)
    message: dict[str, Any] = house.ask(
        messages.send_message, contact_id=contact["contact_id"], template_id=WELCOME, channel="email"
    )
    office.wait_for_letter(contact["email"])
    return message


def test_killed_between_handover_and_answer_it_is_unknown_and_not_sent_again(
    a_mail_house: LivingHouse, patient_office: PostOffice
) -> None:
    message = a_letter_in_hand(a_mail_house, patient_office)
    a_mail_house.process("notifications").kill()
    a_mail_house.start_again("notifications")
    let_hours_pass(a_mail_house, message["id"])
    unknown = wait_for_state(a_mail_house, message["id"], "unknown")
    assert unknown["attempts"] == 1
    after = remember_contact(a_mail_house)
    later = a_mail_house.ask(messages.send_message, contact_id=after["contact_id"], template_id=WELCOME)
    wait_for_state(a_mail_house, later["id"], "sent")
    assert len(patient_office.letters_to(message["counterpart"])) == 1


def test_asked_to_leave_it_waits_for_the_answer(a_mail_house: LivingHouse, patient_office: PostOffice) -> None:
    message = a_letter_in_hand(a_mail_house, patient_office)
    process = a_mail_house.process("notifications")
    process.signal(signal.SIGTERM)
    assert not wait_for(lambda: not process.alive(), 1.5)
    patient_office.answer_now()
    process.gone(25)
    assert process.exit_code == 0
    with a_mail_house.database("notifications").connect() as connection:
        found = connection.exec_driver_sql("SELECT state FROM messages WHERE id = %s", (message["id"],))
        assert found.scalar_one() == "sent"
