"""Letters with a one-time code: it is in the letter alone, and the letter goes out in time or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.codes import code_of
from chassis.ids import new_id
from contracts.contacts import consent
from contracts.contacts.members import member_code_send_asked
from contracts.notifications import communications
from services.notifications.messages.rules import HIDDEN
from tests.builders.announcing import announcing
from tests.builders.post_office import PostOffice
from tests.builders.waiting import eventually
from tests.house.living import LivingHouse
from tests.service.notifications.letters import wait_for_state

pytestmark = pytest.mark.requirement("G03", "N08")
Ask = Callable[..., Any]


@pytest.fixture
def a_letter(mail_house: LivingHouse, ask: Ask) -> Iterator[Callable[..., Any]]:
    """`a_letter(contact, code_id, minutes)`: the message that comes of a code that is good for so long."""
    with announcing(mail_house, "contacts") as say:

        def asked_for(contact: dict[str, Any], code_id: str, minutes: int) -> Any:
            told = {"code_id": code_id, "email": contact["email"], "display_name": contact["display_name"]}
            until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
            id = say(member_code_send_asked, contact["contact_id"], 1, **told, expires_at=until)
            say(member_code_send_asked, contact["contact_id"], 1, id=id, **told, expires_at=until)
            log = {"contact_id": contact["contact_id"]}
            return eventually(lambda: ask(communications.list_communications, **log)["items"])[0]

        yield asked_for


def test_a_code_reaches_who_refused_every_other_letter_and_is_seen_by_nobody_else(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask, a_letter: Ask
) -> None:
    contact, code_id = a_contact(), new_id()
    said = {"how": "by phone", "when": "2026-03-01"}
    refused = {"email": {"transactional": False}}
    ask(consent.change_preferences, contact_id=contact["contact_id"], channels=refused, consent=said)
    message = a_letter(contact, code_id, minutes=10)
    assert f"sign in: {HIDDEN}\n" in wait_for_state(mail_house, message["id"], "sent")["body_text"]
    (arrival,) = post_office.letters_to(contact["email"])
    assert f"sign in: {code_of(code_id, mail_house.secret)}\r\n".encode() in arrival.content


def test_a_code_that_is_over_is_not_sent(
    mail_house: LivingHouse, post_office: PostOffice, a_contact: Ask, a_letter: Ask
) -> None:
    contact = a_contact()
    message = a_letter(contact, new_id(), minutes=-1)
    assert wait_for_state(mail_house, message["id"], "failed", attempts=0)["answer"].startswith("It would have come")
    assert post_office.letters_to(contact["email"]) == []


@pytest.mark.requirement("N03", "C39")
def test_a_code_of_who_was_archived_meanwhile_is_not_sent(
    mail_house: LivingHouse, post_office: PostOffice, a_contact: Ask, a_letter: Ask
) -> None:
    contact = a_contact(standing="archived")
    message = a_letter(contact, new_id(), minutes=10)
    wait_for_state(mail_house, message["id"], "failed", attempts=0)
    assert post_office.letters_to(contact["email"]) == []
