"""Agreements are frozen, sent, listed, taken back and run out of time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.documents import agreements, signing, templates
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from services.documents.agreements.rules import content_hash
from tests.builders.agreements import acquaint, with_token
from tests.house.hearing import Subscriber
from tests.house.living import LivingHouse

Ask = Callable[..., Any]
Sent = Callable[..., dict[str, Any]]


@pytest.mark.requirement("D01")
def test_a_new_version_of_the_template_never_changes_what_was_sent(
    ask: Ask, a_contact: Callable[..., str], a_template: Callable[..., str]
) -> None:
    template_id = a_template(body="Dear {{contact.first_name}}: first words of {{business.name}}.", title="Terms")
    agreement = ask(agreements.send_agreement, contact_id=a_contact(), template_id=template_id)
    ask(templates.change_template, template_id=template_id, body="Other words", title="Other title")
    kept = ask(agreements.get_agreement, agreement_id=agreement["id"])
    assert kept["text"] == agreement["text"] == "Dear Łukasz: first words of Studio Żaba."
    assert (kept["title"], kept["template_version"], kept["state"]) == ("Terms", 1, "sent")
    assert kept["content_hash"] == content_hash(kept["title"], kept["text"])


@pytest.mark.requirement("D01")
def test_the_database_itself_refuses_other_words(documents: LivingHouse, sent: Sent) -> None:
    agreement = sent()
    with pytest.raises(sa.exc.IntegrityError), documents.database("documents").begin() as connection:
        connection.execute(sa.text("UPDATE agreements SET text = 'x' WHERE id = :id"), {"id": agreement["id"]})


def test_a_contact_without_a_first_name_is_addressed_by_its_whole_name(
    ask: Ask, a_contact: Callable[..., str], a_template: Callable[..., str]
) -> None:
    contact_id = a_contact(display_name="Akme <b>& Co", first_name=None)
    template_id = a_template(body="Dear {{contact.first_name}}")
    assert ask(agreements.send_agreement, contact_id=contact_id, template_id=template_id)["text"] == "Dear Akme <b>& Co"


@pytest.mark.requirement("D01")
def test_sending_is_told_with_the_contact_as_subject(sent: Sent, listener: Subscriber) -> None:
    agreement = sent()
    told = listener.wait_for("agreement.sent", subject=agreement["contact_id"])
    assert told.data == {"agreement_id": agreement["id"], "title": "Waiver", "kind": "waiver"}


@pytest.mark.requirement("D02")
def test_the_token_of_the_link_is_kept_nowhere(documents: LivingHouse, sent: Sent) -> None:
    agreement = sent()
    assert len(agreement["token"]) == 43
    with documents.database("documents").connect() as connection:
        for table in ("agreements", "answers", "events", "jobs"):
            rows = connection.execute(sa.text(f"SELECT t::text FROM {table} AS t")).scalars().all()
            assert not [row for row in rows if agreement["token"] in row], table
    assert agreement["token"] not in documents.process("documents").log.read_text()


@pytest.mark.requirement("G06")
def test_one_key_at_once_sends_one_agreement_and_tells_one_link(
    ask: Ask, a_contact: Callable[..., str], a_template: Callable[..., str], listener: Subscriber
) -> None:
    request = {"contact_id": a_contact(), "template_id": a_template(), "key": new_id()}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: ask(agreements.send_agreement, **request), range(10)))
    assert len({(answer["id"], answer["sign_url"]) for answer in answers}) == 1
    listener.wait_for("agreement.sent", subject=request["contact_id"])
    listener.listen(0.5)
    assert len(listener.of("agreement.sent", subject=request["contact_id"])) == 1
    with pytest.raises(Invalid):
        ask(agreements.send_agreement, **request | {"contact_id": a_contact()})


def test_without_a_key_sending_twice_sends_two(
    ask: Ask, a_contact: Callable[..., str], a_template: Callable[..., str]
) -> None:
    request = {"contact_id": a_contact(), "template_id": a_template()}
    first, second = (ask(agreements.send_agreement, **request) for _ in range(2))
    assert first["id"] != second["id"]


@pytest.mark.requirement("C39")
def test_nothing_is_sent_to_an_archived_contact(
    ask: Ask, a_contact: Callable[..., str], a_template: Callable[..., str]
) -> None:
    contact_id = a_contact(standing="archived")
    with pytest.raises(Conflict):
        ask(agreements.send_agreement, contact_id=contact_id, template_id=a_template())
    assert ask(agreements.list_agreements, contact_id=contact_id)["items"] == []


def test_what_cannot_be_sent_is_refused(
    ask: Ask, a_contact: Callable[..., str], a_template: Callable[..., str]
) -> None:
    contact_id, template_id = a_contact(), a_template()
    with pytest.raises(NotFound):
        ask(agreements.send_agreement, contact_id=contact_id, template_id=new_id())
    for wrong, pointer in (
        ({"contact_id": "x"}, "/contact_id"),
        ({"contact_id": None}, "/contact_id"),
        ({"template_id": 7}, "/template_id"),
        ({"expires_in_days": 0}, "/expires_in_days"),
        ({"expires_in_days": 10**30}, "/expires_in_days"),
        ({"text": "my own words"}, "/text"),
        ({"state": "signed"}, "/state"),
    ):
        with pytest.raises(Invalid) as refusal:
            ask(agreements.send_agreement, **{"contact_id": contact_id, "template_id": template_id} | wrong)
        assert [fault["pointer"] for fault in refusal.value.errors] == [pointer]


def test_only_who_may_send_does(ask: Ask, sent: Sent) -> None:
    agreement = sent()
    for role in ("staff", "practitioner", "member"):
        for rpc in (agreements.recall_agreement, agreements.issue_link):
            with pytest.raises(Forbidden):
                ask(rpc, actor=role, agreement_id=agreement["id"])


@pytest.mark.requirement("D01")
def test_a_draft_is_sent_later(ask: Ask, sent: Sent, listener: Subscriber) -> None:
    draft = sent(draft=True)
    assert (draft["state"], draft["sign_url"], draft["sent_at"]) == ("draft", None, None)
    opened = with_token(ask(agreements.issue_link, agreement_id=draft["id"]))
    assert opened["state"] == "sent"
    assert ask(signing.view_agreement, token=opened["token"])["text"] == draft["text"]
    listener.wait_for("agreement.viewed", subject=draft["contact_id"])
    assert len(listener.of("agreement.sent", subject=draft["contact_id"])) == 1


@pytest.mark.requirement("D01")
def test_a_fresh_link_works_in_place_of_the_one_before(ask: Ask, sent: Sent) -> None:
    agreement = sent()
    request = {"agreement_id": agreement["id"], "key": new_id()}
    again = with_token(ask(agreements.issue_link, **request))
    assert again["token"] != agreement["token"]
    assert ask(agreements.issue_link, **request)["sign_url"] == again["sign_url"]
    with pytest.raises(NotFound):
        ask(signing.view_agreement, token=agreement["token"])
    assert ask(signing.view_agreement, token=again["token"])["state"] == "viewed"


@pytest.mark.requirement("D01")
def test_a_recalled_agreement_cannot_be_read_or_signed_on_its_link(ask: Ask, sent: Sent, listener: Subscriber) -> None:
    agreement = sent()
    recalled = ask(agreements.recall_agreement, agreement_id=agreement["id"], reason="Wrong person")
    assert (recalled["state"], recalled["reason"]) == ("recalled", "Wrong person")
    assert ask(agreements.recall_agreement, agreement_id=agreement["id"]) == recalled
    listener.wait_for("agreement.recalled", subject=agreement["contact_id"])
    seen = ask(signing.view_agreement, token=agreement["token"])
    assert (seen["state"], seen["text"]) == ("recalled", None)
    for rpc, told in ((signing.sign_agreement, {"name": "x", "agreed": True}), (signing.decline_agreement, {})):
        with pytest.raises(Conflict):
            ask(rpc, token=agreement["token"], **told)
    with pytest.raises(Conflict):
        ask(agreements.issue_link, agreement_id=agreement["id"])


def test_recalling_what_changed_meanwhile_is_refused(ask: Ask, sent: Sent) -> None:
    agreement = sent()
    ask(signing.view_agreement, token=agreement["token"])
    with pytest.raises(Stale):
        ask(agreements.recall_agreement, agreement_id=agreement["id"], expected_version=agreement["version"])


def make_overdue(house: LivingHouse, agreement: dict[str, Any]) -> None:
    with house.database("documents").begin() as connection:
        connection.execute(
            sa.text("UPDATE agreements SET expires_at = now() - interval '1 second' WHERE id = :id"),
            {"id": agreement["id"]},
        )


@pytest.mark.requirement("D01")
def test_what_ran_out_of_time_is_expired_at_once_and_can_be_sent_again(
    documents: LivingHouse, ask: Ask, sent: Sent
) -> None:
    agreement = sent()
    make_overdue(documents, agreement)
    assert ask(agreements.get_agreement, agreement_id=agreement["id"])["state"] == "expired"
    seen = ask(signing.view_agreement, token=agreement["token"])
    assert (seen["state"], seen["text"]) == ("expired", None)
    with pytest.raises(Conflict):
        ask(signing.sign_agreement, token=agreement["token"], name="Late", agreed=True)
    again = with_token(ask(agreements.issue_link, agreement_id=agreement["id"]))
    assert again["state"] == "sent"
    assert ask(signing.sign_agreement, token=again["token"], name="In time", agreed=True)["state"] == "signed"


@pytest.mark.requirement("D01")
def test_lists_tell_what_is_unsigned_of_one_contact_or_all(
    documents: LivingHouse, ask: Ask, a_template: Callable[..., str]
) -> None:
    contact_id, template_id = acquaint(documents, display_name="Ada", first_name="Ada"), a_template()
    made = [
        with_token(ask(agreements.send_agreement, contact_id=contact_id, template_id=template_id)) for _ in range(5)
    ]
    ask(signing.view_agreement, token=made[1]["token"])
    ask(signing.sign_agreement, token=made[2]["token"], name="Ada", agreed=True)
    ask(signing.decline_agreement, token=made[3]["token"], reason="No")
    make_overdue(documents, made[4])

    def listed(**asked: Any) -> list[str]:
        return [item["id"] for item in ask(agreements.list_agreements, contact_id=contact_id, **asked)["items"]]

    ids = [agreement["id"] for agreement in made]
    assert listed() == ids[::-1]
    assert listed(state="unsigned") == [ids[1], ids[0]]
    by_state = {"sent": ids[0], "viewed": ids[1], "signed": ids[2], "declined": ids[3], "expired": ids[4]}
    assert {state: listed(state=state) for state in by_state} == {state: [id_] for state, id_ in by_state.items()}
    first = ask(agreements.list_agreements, contact_id=contact_id, limit=3)
    rest = ask(agreements.list_agreements, contact_id=contact_id, limit=3, cursor=first["next"])
    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None
    assert ids[0] in [item["id"] for item in ask(agreements.list_agreements, state="unsigned", limit=200)["items"]]


def test_a_list_of_an_unknown_state_is_refused(ask: Ask) -> None:
    with pytest.raises(Invalid):
        ask(agreements.list_agreements, state="lost")
    with pytest.raises(NotFound):
        ask(agreements.get_agreement, agreement_id=new_id())
