"""Handing a letter to a real SMTP server: what is known afterwards is what happened."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import socket
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from contracts.errors import Conflict
from local.ports import LOOPBACK, free_port
from services.notifications.email.letters import Letter, address_of, bytes_of, sender_of
from services.notifications.email.smtp import Handover, Server, hand_over
from tests.builders.post_office import DROP, HANG, PostOffice

pytestmark = pytest.mark.requirement("N02")
ADA = "ada@example.com"


@pytest.fixture
def seconds() -> float:
    """How long a handover may take; only who hangs takes as long."""
    return 20.0


@pytest.fixture
def post_office(seconds: float) -> Iterator[PostOffice]:
    """One for each test: all letters here are to Ada."""
    office = PostOffice(seconds=seconds).open()
    yield office
    office.close()


def a_letter(*, to: str = ADA, text: str = "Hello.", html: str | None = "<p>Hello.</p>") -> bytes:
    return bytes_of(
        Letter(
            key="0198-key", sender=sender_of("Rapport <hello@rapport.example>"), recipient=to,
            recipient_name="Ada Lovelace",
            subject="Grüße an Ada", body_text=text, body_html=html,
            written_at=dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC),
        )
    )  # fmt: skip


def sent(office: PostOffice, *, to: str = ADA, letter: bytes | None = None) -> Handover:
    letter = letter if letter is not None else a_letter(to=to)
    return hand_over(Server.at(office.url), sender="hello@rapport.example", recipient=to, letter=letter)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_letter_that_is_taken_is_sent(post_office: PostOffice) -> None:
    assert sent(post_office) == Handover("sent", "250 kept")
    (arrival,) = post_office.letters_to(ADA)
    mail = parsed(arrival.content)
    assert (mail["From"], mail["To"]) == ("Rapport <hello@rapport.example>", "Ada Lovelace <ada@example.com>")
    assert mail["Subject"] == "Grüße an Ada"
    assert mail["Message-ID"] == "<0198-key@rapport.example>"
    assert mail["Date"] == "Sun, 22 Nov 2026 12:00:00 +0000"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert (text.get_content().strip(), html.get_content().strip()) == ("Hello.", "<p>Hello.</p>")


@pytest.mark.parametrize(
    "text", [".", "..\n.", "a\n.\nb\n", "é\n.\n€", "From x\n", "x" * 5000], ids=lambda text: repr(text)[:20]
)
def test_every_word_arrives_as_it_was_written(post_office: PostOffice, text: str) -> None:
    assert sent(post_office, letter=a_letter(text=text, html=None)).result == "sent"
    assert parsed(post_office.letters_to(ADA)[0].content).get_content().splitlines() == text.splitlines()


@pytest.mark.parametrize(
    ("verdict", "result", "seconds", "why"),
    [
        ("550 no such user", "failed", 20, "refused for good"),
        ("451 come back later", "retry", 20, "refused for now"),
        ("421 closing", "retry", 20, "refused for now"),
        (DROP, "unknown", 20, "the words were given, and nobody answered"),
        (HANG, "unknown", 2, "the words were given, and nobody answered in time"),
    ],
)
def test_the_answer_to_the_words_decides(
    post_office: PostOffice, verdict: str, result: str, seconds: float, why: str
) -> None:
    post_office.tell(ADA, verdict)
    assert sent(post_office).result == result, why


@pytest.mark.parametrize(("answer", "result"), [("550 no such user", "failed"), ("450 greylisted", "retry")])
def test_a_recipient_may_be_refused_before_any_words(post_office: PostOffice, answer: str, result: str) -> None:
    post_office.refuse(ADA, answer)
    assert sent(post_office) == Handover(result, answer)  # type: ignore[arg-type]
    assert post_office.letters_to(ADA) == []


def test_a_server_that_is_down_has_certainly_got_nothing(post_office: PostOffice) -> None:
    post_office.close()
    assert sent(post_office).result == "retry"


def test_a_claim_that_grew_old_is_not_handed_over(post_office: PostOffice) -> None:
    done = hand_over(
        Server.at(post_office.url), sender="hello@rapport.example", recipient=ADA, letter=a_letter(),
        may_begin=lambda: False,
    )  # fmt: skip
    assert done.result == "retry"
    assert sent(post_office, to="bob@example.com").result == "sent"
    assert post_office.letters_to(ADA) == []


@pytest.mark.parametrize("line", [b"220 hi\r\n", b"what\r\n", b"", b"250-\r\n" * 100], ids=repr)
def test_a_server_that_drips_is_left_in_bounded_time(line: bytes) -> None:
    port = free_port()
    listening = socket.create_server((LOOPBACK, port))

    def drip() -> None:
        caller, _ = listening.accept()
        with caller:
            try:
                for byte in (line or b"2") * 1000:
                    caller.send(bytes([byte]))
                    time.sleep(0.05)
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    done = hand_over(Server.at(f"smtp://{LOOPBACK}:{port}?seconds=1"), sender="a@b.c", recipient=ADA, letter=b"x")
    listening.close()
    assert done.result == "retry"
    assert time.monotonic() - began < 10  # and not the minute that a thousand bytes take


@pytest.mark.parametrize(
    "address", ["a@b.c\r\nRCPT TO:<x@y.z>", "a b@c.d", "@b.c", "a@", "", "a@b.c>\nX: y", "a@b@c d", "zoë@example.com"]
)
def test_an_address_cannot_carry_a_second_command(address: str) -> None:
    with pytest.raises(Conflict):
        a_letter(to=address)


def test_a_domain_in_another_script_is_put_into_ascii() -> None:
    assert address_of("ada@bücher.example").addr_spec == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize("url", ["", "mail.example", "http://mail.example", "smtp://", "smtp://mail:port"])
def test_a_setting_that_names_no_server_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError):
        Server.at(url)


def test_user_and_password_come_from_the_url() -> None:
    server = Server.at("smtp+starttls://us%40er:p%2Fw@mail.example")
    assert (server.user, server.password, server.port) == ("us@er", "p/w", 587)
