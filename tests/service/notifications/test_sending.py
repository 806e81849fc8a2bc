"""Messages on their way out: queued once, sent at most once, and told what became of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.contacts import consent
from contracts.errors import Blocked, Conflict, Forbidden, Invalid, NotFound
from contracts.notifications import communications, messages, templates
from tests.builders.post_office import DROP, PostOffice
from tests.house.living import LivingHouse
from tests.service.notifications.letters import WELCOME, let_pauses_pass, wait_for_state

pytestmark = pytest.mark.requirement("N02")
Ask = Callable[..., Any]


def queued(ask: Ask, contact: dict[str, Any], **more: Any) -> dict[str, Any]:
    message: dict[str, Any] = ask(
        messages.send_message, contact_id=contact["contact_id"], template_id=WELCOME, channel="email", **more
    )
    return message


@pytest.mark.requirement("N01", "N02", "N04")
def test_a_welcome_goes_out_once_and_stands_in_the_log(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact = a_contact()
    listening = mail_house.subscriber("notifications.events", "message.*")
    message = queued(ask, contact)
    assert (message["state"], message["counterpart"]) == ("queued", contact["email"])
    sent = wait_for_state(mail_house, message["id"], "sent")
    assert sent["answer"] == "250 kept"
    assert sent["sent_at"] is not None
    for type in ("message.queued", "message.sent"):
        heard = listening.wait_for(type, subject=contact["contact_id"])
        assert heard.data["message_id"] == message["id"]
        assert heard.data["subject_line"] == "Welcome to Rapport"
    listening.close()
    (arrival,) = post_office.letters_to(contact["email"])
    assert b"Subject: Welcome to Rapport\r\n" in arrival.content
    assert f"Message-ID: <{message['id']}@rapport.example>".encode() in arrival.content
    (logged,) = ask(communications.list_communications, contact_id=contact["contact_id"])["items"]
    assert logged["id"] == message["id"]
    assert logged["body_text"].startswith("Hello Ada,")
    assert logged["body_html"].startswith("<p>Hello Ada,</p>")
    assert (logged["direction"], logged["by_name"], logged["template_id"]) == ("out", "Olive Owner", WELCOME)


def test_the_same_key_sends_one_letter(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact, key = a_contact(), new_id()
    first, again = queued(ask, contact, key=key), queued(ask, contact, key=key)
    assert first["id"] == again["id"]
    wait_for_state(mail_house, first["id"], "sent")
    last = a_contact()
    wait_for_state(mail_house, queued(ask, last)["id"], "sent")  # what was queued before it has gone out by now
    assert len(post_office.letters_to(contact["email"])) == 1


def test_the_same_key_sends_one_letter_even_when_the_answers_are_forgotten(
    mail_house: LivingHouse, ask: Ask, a_contact: Ask
) -> None:
    contact, key = a_contact(), new_id()
    first = queued(ask, contact, key=key)
    with mail_house.database("notifications").begin() as connection:
        connection.exec_driver_sql("DELETE FROM answers")
    assert queued(ask, contact, key=key)["id"] == first["id"]
    with mail_house.database("notifications").begin() as connection:
        connection.exec_driver_sql("DELETE FROM answers")
    with pytest.raises(Conflict):
        queued(ask, a_contact(), key=key)


def test_what_was_queued_keeps_its_words(mail_house: LivingHouse, ask: Ask, a_contact: Ask) -> None:
    template = ask(templates.create_message_template, name=new_id(), subject="One", body_text="First words")
    contact = a_contact()
    message = ask(messages.send_message, contact_id=contact["contact_id"], template_id=template["id"])
    ask(templates.change_message_template, template_id=template["id"], body_text="Second words")
    assert wait_for_state(mail_house, message["id"], "sent")["body_text"] == "First words"
    assert message["template_version"] == 1


@pytest.mark.requirement("N03", "C39")
def test_an_archived_contact_is_sent_nothing(ask: Ask, a_contact: Ask) -> None:
    with pytest.raises(Blocked) as refusal:
        queued(ask, a_contact(standing="archived"))
    assert refusal.value.errors[0]["pointer"] == "/contact_id"


@pytest.mark.requirement("C09", "N03")
def test_nobody_is_sent_what_they_did_not_agree_to(mail_house: LivingHouse, ask: Ask, a_contact: Ask) -> None:
    """Adverts need a yes, reminders and business end with a no, and neither heeds what was said of the other."""
    words = {"subject": "News", "body_text": "Half price!"}
    kinds = ("marketing", "reminders", "transactional")
    written = {kind: ask(templates.create_message_template, name=new_id(), purpose=kind, **words) for kind in kinds}
    unsaid = ask(templates.create_message_template, name=new_id(), **words)
    assert unsaid["purpose"] == "transactional"
    contact = a_contact()

    def sent(template: Any) -> str:
        answer = ask(messages.send_message, contact_id=contact["contact_id"], template_id=template["id"])
        return str(answer["purpose"])

    def wishes(**by_purpose: bool) -> None:
        said = {"how": "by phone", "when": "2026-03-01"}
        ask(consent.change_preferences, contact_id=contact["contact_id"], channels={"email": by_purpose}, consent=said)

    with pytest.raises(Blocked, match="never agreed to messages for marketing by email, which needs consent") as no:
        sent(written["marketing"])
    assert no.value.errors[0]["pointer"] == "/contact_id"
    assert sent(unsaid) == "transactional"
    wishes(marketing=True, reminders=False)
    assert (sent(written["marketing"]), sent(written["transactional"])) == ("marketing", "transactional")
    with pytest.raises(Blocked, match=r"refused reminders by email on 2026-03-01 \(by phone\)"):
        sent(written["reminders"])
    assert len(ask(communications.list_communications, contact_id=contact["contact_id"])["items"]) == 3


@pytest.mark.requirement("C09", "N02")
def test_nothing_is_sent_again_to_who_refused_it_meanwhile(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact = a_contact()
    post_office.tell(contact["email"], "550 no such user")
    lost = wait_for_state(mail_house, queued(ask, contact)["id"], "failed")
    ask(
        consent.change_preferences,
        contact_id=contact["contact_id"],
        channels={"email": {"transactional": False}},
        consent={"how": "by phone", "when": "2026-03-01"},
    )
    with pytest.raises(Blocked, match="refused transactional by email"):
        ask(messages.resend_message, message_id=lost["id"])


@pytest.mark.requirement("C09", "N03")
def test_who_refuses_before_the_letter_goes_out_does_not_get_it(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact = a_contact()
    post_office.tell(contact["email"], "451 later")
    message = queued(ask, contact)
    wait_for_state(mail_house, message["id"], "queued", attempts=1)
    ask(
        consent.change_preferences,
        contact_id=contact["contact_id"],
        channels={"email": {"transactional": False}},
        consent={"how": "by phone", "when": "2026-03-01"},
    )
    let_pauses_pass(mail_house, message["id"])
    failed = wait_for_state(mail_house, message["id"], "failed")
    assert "the contact refused transactional by email on 2026-03-01" in failed["answer"]
    assert len(post_office.letters_to(contact["email"])) == 1


@pytest.mark.requirement("N03", "C39")
def test_who_is_archived_before_the_letter_goes_out_does_not_get_it(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact = a_contact()
    post_office.tell(contact["email"], "451 later")
    message = queued(ask, contact)
    wait_for_state(mail_house, message["id"], "queued", attempts=1)
    with mail_house.database("notifications").begin() as connection:
        connection.exec_driver_sql(
            "UPDATE known_contacts SET standing = 'archived' WHERE contact_id = %s", (contact["contact_id"],)
        )
    let_pauses_pass(mail_house, message["id"])
    failed = wait_for_state(mail_house, message["id"], "failed")
    assert "archived" in failed["answer"]
    assert failed["attempts"] == 1


@pytest.mark.parametrize("email", [None, "nobody", "a@b\r\nBcc: c@d.e"])
def test_who_cannot_be_written_to_is_refused_with_the_reason(ask: Ask, a_contact: Ask, email: str | None) -> None:
    with pytest.raises(Conflict) as refusal:
        queued(ask, a_contact(email=email))
    assert "address" in refusal.value.detail


def test_a_letter_refused_for_good_failed(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact = a_contact()
    listening = mail_house.subscriber("notifications.events", "message.failed")
    post_office.tell(contact["email"], "550 no such user")
    failed = wait_for_state(mail_house, queued(ask, contact)["id"], "failed")
    assert failed["answer"] == "550 no such user"
    assert listening.wait_for("message.failed", subject=contact["contact_id"]).data["reason"] == "550 no such user"
    listening.close()


def test_a_letter_refused_for_now_is_tried_again(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact = a_contact()
    post_office.tell(contact["email"], "451 later", "421 busy")
    message = queued(ask, contact)
    for attempts in (1, 2):
        wait_for_state(mail_house, message["id"], "queued", attempts=attempts)
        let_pauses_pass(mail_house, message["id"])
    assert wait_for_state(mail_house, message["id"], "sent")["attempts"] == 3


def test_a_letter_waits_for_a_mail_server_that_is_down(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact = a_contact()
    post_office.close()
    message = queued(ask, contact)
    wait_for_state(mail_house, message["id"], "queued", attempts=1)
    post_office.open()
    let_pauses_pass(mail_house, message["id"])
    wait_for_state(mail_house, message["id"], "sent")
    assert len(post_office.letters_to(contact["email"])) == 1


def test_a_letter_whose_answer_was_lost_is_left_to_a_person(
    mail_house: LivingHouse, post_office: PostOffice, ask: Ask, a_contact: Ask
) -> None:
    contact = a_contact()
    listening = mail_house.subscriber("notifications.events", "message.unknown")
    post_office.tell(contact["email"], DROP)
    message = queued(ask, contact)
    wait_for_state(mail_house, message["id"], "unknown")
    listening.wait_for("message.unknown", subject=contact["contact_id"])
    listening.close()
    assert len(post_office.letters_to(contact["email"])) == 1

    again = ask(messages.resend_message, message_id=message["id"])
    assert (again["resend_of"], again["body_text"]) == (message["id"], message["body_text"])
    wait_for_state(mail_house, again["id"], "sent")
    first, second = post_office.letters_to(contact["email"])
    named = f"Message-ID: <{message['id']}@rapport.example>".encode()
    assert named in first.content
    assert named in second.content
    with pytest.raises(Conflict):
        ask(messages.resend_message, message_id=message["id"])
    with pytest.raises(Conflict):
        ask(messages.resend_message, message_id=again["id"])


@pytest.mark.parametrize(
    ("request_", "refusal", "why"),
    [
        ({"template_id": WELCOME}, Invalid, "nobody to send it to"),
        ({"contact_id": "x", "template_id": WELCOME}, Invalid, "not an id"),
        ({"contact_id": None, "template_id": WELCOME}, Invalid, "null"),
        ({"contact_id": new_id(), "template_id": "\x00"}, Invalid, "not an id"),
        ({"contact_id": new_id(), "template_id": WELCOME, "channel": "pigeon"}, Invalid, "no such channel"),
        ({"contact_id": new_id(), "template_id": WELCOME, "subject": "mine"}, Invalid, "no such field"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(ask: Ask, request_: Any, refusal: Any, why: str) -> None:
    with pytest.raises(refusal):
        ask(messages.send_message, **request_)


def test_a_template_that_is_not_there_is_not_found(ask: Ask, a_contact: Ask) -> None:
    with pytest.raises(NotFound):
        ask(messages.send_message, contact_id=a_contact()["contact_id"], template_id=new_id())
    with pytest.raises(NotFound):
        ask(messages.get_message, message_id=new_id())
    with pytest.raises(NotFound):
        ask(messages.resend_message, message_id=new_id())


def test_only_who_may_send_sends(ask: Ask, a_contact: Ask) -> None:
    with pytest.raises(Forbidden):
        queued(ask, a_contact(), actor="practitioner")
