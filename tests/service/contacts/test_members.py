"""Contacts who sign in to see what is theirs: who may, how, and until when."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re

import pytest
import sqlalchemy as sa

from chassis.actor import NOBODY, Actor
from chassis.codes import code_of
from chassis.ids import new_id
from contracts.access import ROLES
from contracts.billing.orders import package_ended, package_paid, package_reversed
from contracts.contacts import members, revocations, team, timeline
from contracts.errors import Conflict, NotSignedIn
from contracts.notifications import communications, messages
from services.notifications.messages.rules import HIDDEN
from tests.builders.people import a_lead

GOLD = {"name": "Gold", "kind": "course"}
_positions = itertools.count(1)


@pytest.fixture
def address():
    return f"{new_id()}@example.com"


@pytest.fixture
def customer(ask, billing_says, subscriber, address):
    """A customer of this address, with the assignment that made them one."""
    listener = subscriber("contacts.events", "contact.lifecycle_changed")
    lead, assignment = a_lead(ask, emails=[{"value": address}])["id"], new_id()
    billing_says(package_paid, lead, next(_positions), assignment_id=assignment, **GOLD, since=dt.date(2026, 3, 1))
    listener.wait_for("contact.lifecycle_changed", subject=lead)
    return lead, assignment


@pytest.fixture
def code(ask, mailbox):
    """`code(address)`: what stands in the letter that is asked for."""

    def read(address: str) -> str:
        letters = len(mailbox.messages(address))
        assert ask(members.ask_for_member_code, actor=NOBODY, email=address.upper()) == {"received": True}
        letter = mailbox.wait_for(address, count=letters + 1)
        [found] = re.findall(r"sign in: (\d{6})\b", letter.get_content())
        return found

    return read


@pytest.fixture
def sign_in(ask, code):
    """`sign_in(address)`: the session of who reads the letter; `with_code` says another."""

    def come(address: str, with_code: str | None = None):
        shown = with_code or code(address)
        return ask(members.sign_in_as_member, actor=NOBODY, email=address, code=shown)

    return come


@pytest.fixture
def renew(ask):
    return lambda session: ask(
        members.refresh_member_session, actor=NOBODY, refresh_token=session["refresh_token"]
    )  # fmt: skip


@pytest.mark.requirement("G03", "N08")
def test_a_customer_signs_in_by_a_code_that_stands_in_the_letter_alone(
    ask, house, database, customer, address, code, sign_in
):
    contact_id, _ = customer
    secret = code(address)
    session = sign_in(address, secret)
    assert (session["member"]["id"], session["refresh_token"][:36]) == (contact_id, session["session_id"])

    [letter] = ask(communications.list_communications, contact_id=contact_id)["items"]
    assert f"sign in: {HIDDEN}\n" in letter["body_text"]
    with pytest.raises(Conflict):
        ask(messages.resend_message, message_id=letter["id"])
    written = [json.dumps(line) for name in ("contacts", "notifications") for line in house.log(name)]
    for service, tables in (("contacts", ("events", "member_codes")), ("notifications", ("events", "messages"))):
        with database(service).connect() as connection:
            for table in tables:
                written += connection.scalars(sa.text(f"SELECT to_jsonb(row)::text FROM {table} AS row"))
    assert [text for text in written if re.search(rf"(?<![0-9a-f.]){secret}(?![0-9a-f])", text)] == []


@pytest.mark.requirement("G03")
def test_a_member_is_told_who_they_are_and_what_they_may(ask, customer):
    contact_id, _ = customer
    me = ask(team.get_me, actor=Actor(contact_id, "member", "Ada"))
    assert (me["id"], me["role"], me["permissions"]) == (contact_id, "member", sorted(ROLES["member"]))
    assert "email" not in me


@pytest.mark.requirement("G03", "C31")
def test_a_session_is_renewed_and_ends_when_they_sign_out_or_a_token_is_copied(
    ask, customer, address, sign_in, renew, subscriber
):
    listener = subscriber("contacts.events", "member_session.*")
    first, second = sign_in(address), sign_in(address)
    third = renew(renew(first))
    assert third["session_id"] == first["session_id"]
    for copy_or_owner in (first, third):
        with pytest.raises(NotSignedIn):
            renew(copy_or_owner)
    assert ask(members.sign_out_member, actor=NOBODY, refresh_token=second["refresh_token"]) == {}
    with pytest.raises(NotSignedIn):
        renew(second)
    assert ask(members.sign_out_member, actor=NOBODY, refresh_token="x") == {}
    with pytest.raises(NotSignedIn):  # of another kind
        ask(team.refresh_session, actor=NOBODY, refresh_token=sign_in(address)["refresh_token"])
    listener.wait_for("member_session.ended", subject=customer[0], count=2)
    ended = [(event.data["session_id"], event.data["reason"]) for event in listener.of("member_session.ended")]
    assert ended == [(first["session_id"], "token_reused"), (second["session_id"], "signed_out")]
    listed = ask(revocations.list_revocations, actor="service", seconds=600)["ended_sessions"]
    assert {first["session_id"], second["session_id"]} <= set(listed)


@pytest.mark.requirement("G03")
def test_nobody_can_tell_an_unknown_address_or_a_lead_from_a_customer(
    ask, house, database, customer, address, subscriber, mailbox
):
    listener = subscriber("contacts.events", "member_code.*")
    unknown, lead = f"{new_id()}@example.com", f"{new_id()}@example.com"
    a_lead(ask, emails=[{"value": lead}])
    asked = (unknown, lead, "no address at all", address)
    assert [ask(members.ask_for_member_code, actor=NOBODY, email=one) for one in asked] == [{"received": True}] * 4
    listener.wait_for("member_code.send_asked", subject=customer[0])
    assert len(listener.of("member_code.asked")) == 4
    assert len(listener.of("member_code.send_asked")) == 1
    mailbox.wait_for(address)
    assert mailbox.messages(unknown) == mailbox.messages(lead) == []
    with database("contacts").connect() as connection:
        rows = sa.text("SELECT normalised_email, code_id::text FROM member_codes WHERE normalised_email = ANY (:these)")
        codes = {email: code_of(id, house.secret) for email, id in connection.execute(rows, {"these": list(asked)})}
    wrong = f"{(int(codes[address]) + 1) % 10**6:06d}"
    tried = [(email, codes[email]) for email in asked[:3]]
    refusals = set()
    for email, shown in (*tried, (address, wrong), ("never@asked.example", wrong)):
        with pytest.raises(NotSignedIn) as refusal:
            ask(members.sign_in_as_member, actor=NOBODY, email=email, code=shown)
        refusals.add(str(refusal.value))
    assert len(refusals) == 1
    assert ask(members.sign_in_as_member, actor=NOBODY, email=address, code=codes[address])


@pytest.mark.requirement("G03", "G10")
def test_a_setting_lets_leads_in_and_shows_them_out(ask, set_to, address, sign_in, renew, subscriber, customer):
    its_own = f"{new_id()}@example.com"
    lead = a_lead(ask, emails=[{"value": its_own}])
    stays = sign_in(address)
    set_to(leads_may_sign_in=True)
    session = sign_in(its_own)
    assert session["member"]["id"] == lead["id"]
    session = renew(session)
    listener = subscriber("contacts.events", "member_session.ended")
    set_to(leads_may_sign_in=False)
    with pytest.raises(NotSignedIn):
        renew(session)
    told = listener.wait_for("member_session.ended", subject=lead["id"])
    assert told.data == {"session_id": session["session_id"], "reason": "closed_to_leads"}
    assert renew(stays)["session_id"] == stays["session_id"]


@pytest.mark.requirement("G03")
@pytest.mark.parametrize(
    ("over", "what"),
    [
        (package_reversed, {"reason": "refunded"}),
        (package_ended, {"reason": "expired", "ended_at": dt.datetime(2026, 4, 1, tzinfo=dt.UTC)}),
    ],
    ids=["a lead again", "a former customer"],
)
def test_who_is_no_customer_any_more_is_signed_out(
    ask, customer, address, sign_in, renew, subscriber, billing_says, over, what
):
    contact_id, assignment = customer
    session = sign_in(address)
    listener = subscriber("contacts.events", "member_session.ended")
    billing_says(over, contact_id, next(_positions), assignment_id=assignment, name="Gold", **what)
    told = listener.wait_for("member_session.ended", subject=contact_id)
    assert told.data == {"session_id": session["session_id"], "reason": "no_customer"}
    with pytest.raises(NotSignedIn):
        renew(session)


@pytest.mark.requirement("C31", "G08")
def test_signing_in_stands_on_the_timeline(ask, customer, address, sign_in, eventually):
    session = sign_in(address)
    ask(members.sign_out_member, actor=NOBODY, refresh_token=session["refresh_token"])

    def told():
        return [entry["summary"] for entry in ask(timeline.get_timeline, contact_id=customer[0])["items"]]

    wanted = {"Signed in as a member", "Session as a member ended: signed out"}
    eventually(told, lambda seen: wanted <= set(seen))
