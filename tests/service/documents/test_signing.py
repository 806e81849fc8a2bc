"""Whoever holds the link sees, signs or declines, once."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image, ImageDraw

from chassis.actor import NOBODY
from contracts.documents import agreements, signing
from contracts.errors import Conflict, Invalid, NotFound
from tests.house.hearing import Subscriber
from tests.house.living import LivingHouse

Ask = Callable[..., Any]
Sent = Callable[..., dict[str, Any]]


def a_drawing(slope: int = 100) -> str:
    image = Image.new("RGBA", (400, 150))
    ImageDraw.Draw(image).line([(10, 10), (390, slope)], fill="black", width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def signature_of(house: LivingHouse, agreement: dict[str, Any]) -> Any:
    with house.database("documents").connect() as connection:
        found = sa.text("SELECT * FROM signatures WHERE agreement_id = :id")
        return connection.execute(found, {"id": agreement["id"]}).one()


@pytest.mark.requirement("D01", "D02", "G02")
def test_the_first_look_is_told_once_and_everybody_with_the_link_sees_the_words(
    ask: Ask, sent: Sent, listener: Subscriber
) -> None:
    agreement = sent()
    for _ in range(3):
        seen = ask(signing.view_agreement, actor=NOBODY, token=agreement["token"])
    assert (seen["state"], seen["text"]) == ("viewed", "I, Łukasz Żółć, agree.")
    assert (seen["contact_name"], seen["business_name"]) == ("Łukasz Żółć", "Studio Żaba")
    assert "contact_id" not in seen
    listener.wait_for("agreement.viewed", subject=agreement["contact_id"])
    listener.listen(0.5)
    assert len(listener.of("agreement.viewed", subject=agreement["contact_id"])) == 1


@pytest.mark.requirement("D01", "D02")
def test_a_typed_signature_is_kept_with_when_and_from_where(
    documents: LivingHouse, ask: Ask, sent: Sent, listener: Subscriber
) -> None:
    agreement = sent()
    told = {"name": "Łukasz Żółć", "agreed": True, "from_address": "2001:db8::1", "user_agent": "Mozilla\t5"}
    answer = ask(signing.sign_agreement, token=agreement["token"], **told)
    assert (answer["state"], answer["signed_name"]) == ("signed", "Łukasz Żółć")
    event = listener.wait_for("agreement.signed", subject=agreement["contact_id"])
    assert event.data == {"agreement_id": agreement["id"], "title": "Waiver", "kind": "waiver"}
    kept = signature_of(documents, agreement)
    assert (kept.name, kept.typed, kept.drawn) == ("Łukasz Żółć", "Łukasz Żółć", None)
    assert (kept.from_address, kept.user_agent) == ("2001:db8::1", "Mozilla 5")
    assert ask(agreements.get_agreement, agreement_id=agreement["id"])["signed_name"] == "Łukasz Żółć"


@pytest.mark.requirement("D02")
def test_a_drawn_signature_is_kept_as_a_picture_of_our_own_making(documents: LivingHouse, ask: Ask, sent: Sent) -> None:
    agreement = sent()
    ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True, signature=a_drawing())
    kept = signature_of(documents, agreement)
    assert kept.typed is None
    with Image.open(io.BytesIO(bytes(kept.drawn))) as image:
        assert image.size == (400, 150)


@pytest.mark.requirement("D02")
def test_signing_again_with_the_same_is_harmless_and_with_anything_else_refused(ask: Ask, sent: Sent) -> None:
    agreement = sent()
    same = {"token": agreement["token"], "name": "Ada", "agreed": True, "signature": a_drawing()}
    first = ask(signing.sign_agreement, **same)
    assert ask(signing.sign_agreement, **same, from_address="192.0.2.7") == first
    for other in ({"name": "Bob"}, {"signature": a_drawing(50)}, {"signature": "Ada"}):
        with pytest.raises(Conflict):
            ask(signing.sign_agreement, **same | other)
    with pytest.raises(Conflict):
        ask(signing.decline_agreement, token=agreement["token"])
    with pytest.raises(Conflict):
        ask(agreements.recall_agreement, agreement_id=agreement["id"])


@pytest.mark.requirement("D02")
def test_of_two_who_sign_at_once_one_has_signed(ask: Ask, sent: Sent, listener: Subscriber) -> None:
    agreement = sent()

    def sign(name: str) -> str:
        try:
            return ask(signing.sign_agreement, token=agreement["token"], name=name, agreed=True)["signed_name"]
        except Conflict:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sign, ["Ada", "Bob"] * 4))
    (winner,) = set(answers) - {"refused"}
    assert answers.count(winner) == answers.count("refused") == 4
    listener.wait_for("agreement.signed", subject=agreement["contact_id"])
    listener.listen(0.5)
    assert len(listener.of("agreement.signed", subject=agreement["contact_id"])) == 1


@pytest.mark.requirement("D01")
def test_declining_is_told_once_and_ends_it(ask: Ask, sent: Sent, listener: Subscriber) -> None:
    agreement = sent()
    for _ in range(2):
        assert ask(signing.decline_agreement, token=agreement["token"], reason="Too long")["state"] == "declined"
    with pytest.raises(Conflict):
        ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True)
    assert ask(agreements.get_agreement, agreement_id=agreement["id"])["reason"] == "Too long"
    listener.wait_for("agreement.declined", subject=agreement["contact_id"])
    listener.listen(0.5)
    assert len(listener.of("agreement.declined", subject=agreement["contact_id"])) == 1


@pytest.mark.requirement("D02")
@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 200, "../../x", "ż", "a\0b", "' OR 1=1 --", "%00"])
def test_every_token_that_opens_nothing_is_answered_alike(ask: Ask, token: str) -> None:
    refusals = set()
    for rpc, told in (
        (signing.view_agreement, {}),
        (signing.sign_agreement, {"name": "x", "agreed": True}),
        (signing.decline_agreement, {}),
        (signing.get_signed_copy, {}),
    ):
        with pytest.raises(NotFound) as refusal:
            ask(rpc, token=token, **told)
        refusals.add(refusal.value.detail)
    assert refusals == {"This link does not work, or works no longer."}


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"agreed": True}, "/name"),
        ({"name": " ", "agreed": True}, "/name"),
        ({"name": "a\nb", "agreed": True}, "/name"),
        ({"name": "x" * 201, "agreed": True}, "/name"),
        ({"name": "Ada"}, "/agreed"),
        ({"name": "Ada", "agreed": "yes"}, "/agreed"),
        ({"name": "Ada", "agreed": False}, "/agreed"),
        ({"name": "Ada", "agreed": None}, "/agreed"),
        ({"name": "Ada", "agreed": True, "signature": ""}, "/signature"),
        ({"name": "Ada", "agreed": True, "signature": {"text": "Ada"}}, "/signature"),
        ({"name": "Ada", "agreed": True, "signature": "data:image/png;base64,AAAA"}, "/signature"),
        ({"name": "Ada", "agreed": True, "signature": "x" * 400_001}, "/signature"),
        ({"name": "Ada", "agreed": True, "signed_at": "2020-01-01T00:00:00Z"}, "/signed_at"),
    ],
)
def test_what_is_no_signature_is_refused_at_its_field(ask: Ask, sent: Sent, told: dict[str, Any], pointer: str) -> None:
    agreement = sent()
    with pytest.raises(Invalid) as refusal:
        ask(signing.sign_agreement, token=agreement["token"], **told)
    assert pointer in [fault["pointer"] for fault in refusal.value.errors]
    assert ask(agreements.get_agreement, agreement_id=agreement["id"])["state"] == "sent"


@pytest.mark.requirement("D01")
def test_the_database_itself_refuses_to_change_a_signature(documents: LivingHouse, ask: Ask, sent: Sent) -> None:
    agreement = sent()
    ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True)
    with pytest.raises(sa.exc.IntegrityError), documents.database("documents").begin() as connection:
        connection.execute(
            sa.text("UPDATE signatures SET name = 'Bob' WHERE agreement_id = :id"), {"id": agreement["id"]}
        )


@pytest.mark.requirement("C39", "D02")
def test_who_is_archived_meanwhile_signs_only_when_restored(documents: LivingHouse, ask: Ask, sent: Sent) -> None:
    agreement = sent()
    asked = {"token": agreement["token"], "name": "Łukasz Żółć", "agreed": True}

    def stand(standing: str) -> None:
        whose = {"standing": standing, "contact": agreement["contact_id"]}
        with documents.database("documents").begin() as connection:
            connection.execute(
                sa.text("UPDATE known_contacts SET standing = :standing WHERE contact_id = :contact"), whose
            )

    stand("archived")
    with pytest.raises(Conflict, match="at present"):
        ask(signing.sign_agreement, actor=NOBODY, **asked)
    assert ask(agreements.get_agreement, agreement_id=agreement["id"])["state"] == "sent"
    stand("active")
    assert ask(signing.sign_agreement, actor=NOBODY, **asked)["state"] == "signed"
