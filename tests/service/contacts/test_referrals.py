"""Referrals from both sides, buddy passes, and the public door that people come in by."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.actor import NOBODY, Actor
from contracts.billing import rewards
from contracts.billing.orders import package_paid, package_reversed
from contracts.contacts import consent, finding, people, referrals, signups
from contracts.errors import Invalid, NotFound, Stale
from tests.builders.people import a_lead, a_phone, an_email


@pytest.fixture
def host(ask):
    return a_lead(ask)


@pytest.fixture
def come(ask, eventually):
    """`come(first_name="Gus", referral_code=…)`: sign up, and wait until there is a contact with that address."""

    def sign_up(**form):
        form = {"first_name": "Gus", "email": an_email()["value"], **form}
        assert ask(signups.sign_up, actor=NOBODY, **form) == {"received": True}
        return eventually(lambda: found(ask, form["email"]), bool)[0]

    return sign_up


def found(ask, email):
    found = ask(finding.list_contacts, q=email)["items"]
    return [one for one in found if email.lower() in [known["value"].lower() for known in one["emails"]]]


def code_of(ask, contact):
    return ask(referrals.make_referral_code, contact_id=contact["id"])["code"]


@pytest.mark.requirement("C09", "C15")
def test_who_signs_up_becomes_a_lead_whose_consent_is_kept_with_its_words(ask, come):
    phone = a_phone()["value"]
    box = {"channel": "email", "purpose": "marketing", "text": "Yes, send me news."}
    lead = come(last_name="Guest", phone=phone, source="Poster", consents=[box], way="embedded_form")
    assert (lead["display_name"], lead["acquisition"], lead["studio_controlled"]) == (
        "Gus Guest", "embedded_form", False,
    )  # fmt: skip
    assert (lead["lifecycle"]["state"], lead["assigned_to"], lead["source"]) == ("lead", None, "Poster")
    verdict = ask(consent.may_send, contact_id=lead["id"], channel="email", purpose="marketing")
    assert verdict["allowed"]
    assert (verdict["entry"]["text"], verdict["entry"]["source"]) == ("Yes, send me news.", "embedded_form")
    assert verdict["entry"]["recorded_by"] is None
    assert ask(consent.get_preferences, contact_id=lead["id"])["version"] == 2  # whoever saw the first, saw others


@pytest.mark.requirement("C15", "C29")
def test_who_comes_by_a_code_is_counted_once_and_seen_from_both_sides(ask, come, subscriber, host):
    listener = subscriber("contacts.events", "#")
    code = code_of(ask, host)
    assert code_of(ask, host) == code
    listener.wait_for("referral_code.made", subject=host["id"])
    invited = ask(referrals.view_referral, actor=NOBODY, code=f"{code[:4]}-{code[4:].lower()}")
    assert set(invited) == {"first_name", "business_name"}
    assert invited["first_name"] == host["first_name"]
    assert invited["business_name"] is None  # and not an empty one: the business of the tests has not said its name

    email = an_email()["value"]
    guest = come(email=email, referral_code=code)
    assert guest["acquisition"] == "referral"
    assert listener.wait_for("referral.made", subject=host["id"]).data["referred_id"] == guest["id"]
    ask(signups.sign_up, actor=NOBODY, first_name="Gus", email=email.upper(), referral_code=code)
    again = listener.wait_for("contact.signed_up_again", subject=guest["id"])
    assert again.data["way"] == "website_signup"
    assert len(found(ask, email)) == 1

    seen = ask(referrals.list_referrals, contact_id=host["id"])
    assert [item["referred"]["id"] for item in seen["items"]] == [guest["id"]]
    assert seen["progress"] == {"referred": 1, "leads": 1, "customers": 0, "former_customers": 0}
    assert (seen["code"], seen["referred_by"]) == (code, None)
    there = ask(referrals.list_referrals, contact_id=guest["id"])
    assert there["referred_by"]["referrer"]["id"] == host["id"]


@pytest.mark.requirement("C29")
def test_a_referral_follows_the_sale_and_its_reversal(ask, come, billing_says, eventually, subscriber, host):
    listener = subscriber("contacts.events", "referral.*")
    guest = come(referral_code=code_of(ask, host))
    sale = {"assignment_id": guest["id"], "name": "Gold", "kind": "membership"}

    def progress():
        return ask(referrals.list_referrals, contact_id=host["id"])

    billing_says(package_paid, guest["id"], 1, **sale, since=dt.datetime.now(dt.UTC).date())
    sold = eventually(progress, lambda seen: seen["items"][0]["state"] == "customer")
    assert sold["items"][0]["converted_at"] is not None
    assert progress()["progress"]["customers"] == 1
    assert listener.wait_for("referral.converted", subject=host["id"]).data["after"] == "customer"
    billing_says(package_reversed, guest["id"], 2, **sale, reason="refunded")
    back = eventually(progress, lambda seen: seen["items"][0]["state"] == "lead")
    assert back["items"][0]["converted_at"] is None
    assert progress()["progress"] == {"referred": 1, "leads": 1, "customers": 0, "former_customers": 0}
    assert listener.wait_for("referral.reversed", subject=host["id"]).data["referred_id"] == guest["id"]


@pytest.mark.requirement("B12", "C29")
def test_who_brought_a_customer_along_sees_the_reward_until_it_is_taken_back(ask, come, billing_says, eventually, host):
    def told():
        return ask(referrals.list_referrals, contact_id=host["id"])

    euros = {"amount": 1500, "currency": "EUR"}
    ask(rewards.change_reward_rule, credit=euros)
    guest = come(referral_code=code_of(ask, host))
    assert (told()["rewards"], told()["items"][0]["reward"]) == ([], None)
    sale = {"assignment_id": guest["id"], "name": "Gold", "kind": "membership"}
    billing_says(package_paid, guest["id"], 1, **sale, since=dt.datetime.now(dt.UTC).date())
    earned = eventually(told, lambda seen: seen["items"][0]["reward"])  # looked at before the sum
    reward = {"state": "earned", "kind": "credit", "credit": euros}
    assert (earned["rewards"], earned["items"][0]["reward"]) == ([euros], reward)
    herself = Actor(host["id"], "member", "Ada")
    assert ask(referrals.list_referrals, contact_id=host["id"], actor=herself)["rewards"] == [euros]
    hidden = ask(referrals.list_referrals, contact_id=host["id"], actor="practitioner")
    assert (hidden["rewards"], hidden["items"][0]["reward"], hidden["progress"]) == (None, None, earned["progress"])
    ask(rewards.change_reward_rule, credit=None)
    billing_says(package_reversed, guest["id"], 2, **sale, reason="refunded")
    back = eventually(told, lambda seen: seen["items"][0]["reward"] != reward)
    assert (back["rewards"], back["items"][0]["reward"]) == ([], reward | {"state": "taken_back"})


@pytest.mark.requirement("B12", "C29")
def test_free_cycles_that_stand_are_counted(ask, come, billing_says, eventually, host):
    come(referral_code=code_of(ask, host))

    def told():
        return ask(referrals.list_referrals, contact_id=host["id"])

    [referral] = told()["items"]
    of_referral = {"reward_id": referral["id"], "referral_id": referral["id"], "referred_name": "Bob"}
    free = {**of_referral, "kind": "free_cycle", "credit": None}
    billing_says(rewards.reward_earned, host["id"], 1, **free, reason=None)
    earned = eventually(told, lambda seen: seen["free_cycles"])
    reward = {"state": "earned", "kind": "free_cycle", "credit": None}
    assert (earned["free_cycles"], earned["rewards"], told()["items"][0]["reward"]) == (1, [], reward)
    assert ask(referrals.list_referrals, contact_id=host["id"], actor="practitioner")["free_cycles"] is None
    billing_says(rewards.reward_taken_back, host["id"], 2, **free, reason="refunded")
    eventually(told, lambda seen: seen["free_cycles"] == 0)


@pytest.mark.requirement("C09")
def test_what_a_stranger_sends_changes_nothing_of_who_is_known(ask, subscriber, host):
    listener = subscriber("contacts.events", "contact.signed_up_again")
    box = {"channel": "email", "purpose": "marketing", "text": "Yes."}
    form = {"first_name": "Mallory", "email": host["emails"][0]["value"], "consents": [box]}
    ask(signups.sign_up, actor=NOBODY, **form)
    listener.wait_for("contact.signed_up_again", subject=host["id"])
    assert ask(consent.list_consents, contact_id=host["id"])["items"] == []
    assert ask(people.get_contact, contact_id=host["id"]) == host


@pytest.mark.requirement("C15", "C29")
def test_the_last_use_of_a_buddy_pass_is_for_one_guest(ask, come, eventually, host):
    made = ask(referrals.make_buddy_pass, contact_id=host["id"], uses_allowed=2)
    invited = ask(referrals.view_buddy_pass, actor=NOBODY, code=made["code"])
    assert (invited["first_name"], invited["valid_until"]) == (host["first_name"], made["valid_until"])
    emails = [an_email()["value"] for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        form = {"actor": NOBODY, "first_name": "Guest", "buddy_pass_code": made["code"]}
        answers = [pool.submit(ask, signups.sign_up, **form, email=email) for email in emails]
        came = [not answer.exception() for answer in answers]
    leads = [
        eventually(lambda email=email: found(ask, email), bool)[0]
        for email, there in zip(emails, came, strict=True)
        if there
    ]
    assert sorted(lead["acquisition"] for lead in leads)[:2] == ["buddy_pass", "buddy_pass"]
    guests = ask(referrals.list_referrals, contact_id=host["id"], via="buddy_pass", buddy_pass_id=made["id"])["items"]
    assert {guest["referred"]["id"] for guest in guests} == {
        lead["id"] for lead in leads if lead["acquisition"] == "buddy_pass"
    }
    assert len(guests) == 2
    used = ask(referrals.get_buddy_pass, buddy_pass_id=made["id"])
    assert (used["uses"], used["open"]) == (2, False)
    with pytest.raises(NotFound):
        ask(referrals.view_buddy_pass, actor=NOBODY, code=made["code"])
    with pytest.raises(Invalid) as refusal:
        come(buddy_pass_code=made["code"])
    assert [error["pointer"] for error in refusal.value.errors] == ["/buddy_pass_code"]


@pytest.mark.requirement("C29")
def test_a_buddy_pass_is_prolonged_withdrawn_and_opened_again(ask, host):
    one = {"buddy_pass_id": ask(referrals.make_buddy_pass, contact_id=host["id"])["id"]}
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(days=90)).isoformat()
    longer = ask(referrals.change_buddy_pass, **one, valid_until=until, uses_allowed=3, expected_version=1)
    assert (longer["uses_allowed"], longer["version"]) == (3, 2)
    with pytest.raises(Stale):
        ask(referrals.change_buddy_pass, **one, uses_allowed=4, expected_version=1)
    assert not ask(referrals.change_buddy_pass, **one, withdrawn=True)["open"]
    assert ask(referrals.list_buddy_passes, contact_id=host["id"], open=True)["items"] == []
    assert ask(referrals.change_buddy_pass, **one, withdrawn=False)["open"]
    assert len(ask(referrals.list_buddy_passes, contact_id=host["id"], open=True)["items"]) == 1
    for given, pointer in [
        ({"valid_until": "2020-01-01T00:00:00Z"}, "/valid_until"),
        ({"uses_allowed": 0}, "/uses_allowed"),
    ]:
        with pytest.raises(Invalid) as refusal:
            ask(referrals.change_buddy_pass, **one, **given)
        assert [error["pointer"] for error in refusal.value.errors] == [pointer]


@pytest.mark.requirement("C29")
def test_members_hand_out_codes_and_passes_of_their_own(ask, come, host):
    own = Actor(host["id"], "member", "the host")
    made = ask(referrals.make_buddy_pass, actor=own, contact_id=host["id"])
    come(first_name="Greta", last_name="Guest", buddy_pass_code=made["code"])
    [guest] = ask(referrals.list_referrals, actor=own, contact_id=host["id"])["items"]
    assert guest["referred"]["display_name"] == "Greta"
    stranger = Actor(a_lead(ask)["id"], "member", "somebody else")
    for rpc, asked in [
        (referrals.make_referral_code, {"contact_id": host["id"]}),
        (referrals.get_referral_code, {"contact_id": host["id"]}),
        (referrals.list_referrals, {"contact_id": host["id"]}),
        (referrals.make_buddy_pass, {"contact_id": host["id"]}),
        (referrals.list_buddy_passes, {"contact_id": host["id"]}),
        (referrals.get_buddy_pass, {"buddy_pass_id": made["id"]}),
        (referrals.change_buddy_pass, {"buddy_pass_id": made["id"], "withdrawn": True}),
    ]:
        with pytest.raises(NotFound):
            ask(rpc, actor=stranger, **asked)


@pytest.mark.requirement("C15")
def test_who_fills_in_what_people_do_not_see_is_answered_alike_and_not_entered(ask, come):
    trap = an_email()["value"]
    form = {"first_name": "Bot", "email": trap, "website": "https://spam.example"}
    assert ask(signups.sign_up, actor=NOBODY, **form) == {"received": True}
    come()  # who came after is there
    assert found(ask, trap) == []


@pytest.mark.parametrize(
    ("given", "pointers"),
    [
        ({"email": "no address"}, ["/email"]),
        ({"email": None}, ["/email"]),
        ({"email": "", "phone": ""}, ["/email", "/phone"]),
        ({"phone": "12"}, ["/phone"]),
        ({"first_name": ""}, ["/first_name"]),
        ({"birthday": "2999-01-01"}, ["/birthday"]),
        ({"referral_code": "NOBODYS"}, ["/referral_code"]),
        ({"buddy_pass_code": "NOBODYS"}, ["/buddy_pass_code"]),
        ({"way": "manual"}, ["/way"]),
        ({"consents": [{"channel": "email", "purpose": "marketing"}]}, ["/consents/0/text"]),
        ({"lifecycle": "customer"}, ["/lifecycle"]),
    ],
)
def test_a_signup_that_makes_no_sense_is_told_why(ask, given, pointers):
    with pytest.raises(Invalid) as refusal:
        ask(signups.sign_up, actor=NOBODY, **{"first_name": "Gus", "email": "gus@example.com", **given})
    assert [error["pointer"] for error in refusal.value.errors] == pointers
