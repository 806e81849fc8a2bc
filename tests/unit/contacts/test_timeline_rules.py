"""The timeline in English, and its filter."""

import string

import pytest

from chassis.amounts import written
from contracts.catalogue import all_events
from contracts.contacts.histories import MANAGED, SINGLE
from contracts.errors import Invalid
from services.contacts.timeline.rules import (
    PERMISSIONS,
    SENTENCES,
    SINGLE_ID,
    seen,
    summary_of,
    types_asked,
    whose,
    withheld_from,
)

EUROS = {"amount": 4900, "currency": "EUR"}


@pytest.mark.requirement("C31", "C32")
@pytest.mark.parametrize(
    ("type", "data", "sentence"),
    [
        ("payment.taken", {"amount": EUROS, "method": "cash"},
         "Payment of 49.00 EUR taken in cash"),
        ("order.placed", {"number": 7, "total": EUROS, "reduction": EUROS | {"amount": 0}, "promo_code": None},
         "Order 7 of 49.00 EUR placed"),
        ("order.placed", {"number": 7, "total": EUROS, "reduction": EUROS | {"amount": 50}},
         "Order 7 of 49.00 EUR placed: 0.50 EUR off"),
        ("order.placed", {"number": 7, "total": EUROS, "reduction": EUROS, "promo_code": {"code": "Spring"}},
         "Order 7 of 49.00 EUR placed: 49.00 EUR off with Spring"),
        ("contact.changed", {"changes": {"first_name": {}, "emails": {}}}, "Profile changed: first name, emails"),
        ("contact.changed", {"changes": {"fields.shirt_size": {}}}, "Profile changed: shirt size"),
        ("contact.changed", {"changes": {"standing": {"before": "active", "after": "archived"}}, "reason": "moved"},
         "Archived: moved"),
        ("contact.changed", {"changes": {"standing": {"before": "archived", "after": "active"}}}, "Restored"),
        ("contact.created", {"entered_as": "lead", "acquisition": "import"}, "Entered as lead (imported from a file)"),
        ("lead.moved", {"from_stage": "New", "to_stage": "Trial", "reason": None}, "Moved from New to Trial"),
        ("lead.won", {"reason": None}, "Won"),
        ("contact.tagged", {"tag": "{x} __class__"}, "Tagged “{x} __class__”"),
        ("sale.agreed", {}, "Sale agreed"),
        ("booking.made", {"title": "Yoga", "starts_at": "2026-12-01T09:00:00Z"},
         "Booked “Yoga” of 2026-12-01 09:00 UTC"),
        ("booking.cancelled", {"title": "Yoga", "starts_at": "2026-12-01T09:00:00Z", "late": False, "reason": "ill"},
         "“Yoga” of 2026-12-01 09:00 UTC cancelled: ill"),
        ("booking.cancelled", {"title": "Yoga", "starts_at": "2026-12-01T09:00:00Z", "late": True, "reason": "ill"},
         "“Yoga” of 2026-12-01 09:00 UTC cancelled late: ill"),
    ],
)  # fmt: skip
def test_an_entry_reads_as_a_sentence(type, data, sentence):
    assert summary_of(type, data) == sentence


@pytest.mark.parametrize("event", all_events(), ids=str)
def test_sentences_use_only_what_their_event_says(event):
    used = {name for _, name, _, _ in string.Formatter().parse(SENTENCES.get(event.type, "")) if name}
    assert used <= set(event.data().fields)


def test_every_event_about_a_contact_has_its_sentence():
    elsewhere = {
        "api_key",
        "reward_rule",
        "import",
        "session",
        "session_series",
        "team_member",
        "team_session",
        "package",
        "tax_rate",
        "stage",
        "agreement_template",
        "message_template",
        "settings",
    }
    elsewhere |= {
        "location",
        "tag",
        "custom_field",
        "signup",
        "import_mapping",
        "member_code",
        "stage_rule",
        "assignment_rule",
        "promo_code",
    }
    of_groups = {
        f"{thing}.{did}" for thing in ("group", "segment", "form") for did in ("created", "changed", "deleted")
    }
    missing = (
        {e.type for e in seen(all_events()) if e.type.split(".")[0] not in elsewhere} - SENTENCES.keys() - of_groups
    )
    assert missing == set()


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [(4900, "EUR", "49.00 EUR"), (5, "EUR", "0.05 EUR"), (500, "JPY", "500 JPY"), (1234, "KWD", "1.234 KWD")],
)
def test_money_is_written_exactly(amount, currency, words):
    assert written(amount, currency) == words


@pytest.mark.requirement("C31")
def test_a_thing_means_all_that_happens_to_it():
    assert types_asked(None, all_events()) is None
    assert "payment.taken" in types_asked("payment", all_events())
    assert types_asked(" payment.taken , note.added", all_events()) == ["note.added", "payment.taken"]


@pytest.mark.parametrize("asked", ["weather", "payment.", "payment.taken,nothing", "pay", "Payment"])
def test_an_unknown_kind_is_refused(asked):
    with pytest.raises(Invalid):
        types_asked(asked, all_events())


def test_every_service_that_tells_of_contacts_has_its_permission():
    assert {event.service for event in all_events()} == PERMISSIONS.keys()
    assert withheld_from(lambda permission: permission == "contacts.read") == [
        "pipeline", "billing", "documents", "notifications",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "type", "data", "of"),
    [
        ("ada", "group.joined", {"group_id": "choir"}, "ada"),
        (None, "group.changed", {"group_id": "choir"}, "choir"),
        ("ada", "package.paid", {"package_id": "gold"}, "ada"),
        (None, "package.changed", {"package_id": "gold"}, "gold"),
        (None, "stage_rule.removed", {"rule_id": "call"}, "call"),
        (None, "settings.changed", {"changes": {}}, SINGLE_ID),
        (None, "reward_rule.changed", {"changes": {}}, SINGLE_ID),
        (None, "team_session.ended", {"session_id": "s", "team_member_id": "t"}, None),
        (None, "import.finished", {"import_id": "i"}, None),
    ],
)
@pytest.mark.requirement("C31", "G08")
def test_an_event_is_about_a_contact_or_about_a_thing_that_is_managed(subject, type, data, of):
    assert whose(subject, type, data) == of


def test_every_change_of_a_managed_thing_names_it_and_says_what_was_before():
    for event in all_events():
        thing, _, what = event.type.partition(".")
        of_an_assignment = "assignment_id" in event.data().fields  # a contact's: their package, not the one on sale
        if thing in MANAGED and not of_an_assignment:
            assert MANAGED[thing] in event.data().fields
        if thing in (*MANAGED, *SINGLE) and what in ("changed", "renamed"):
            assert "changes" in event.data().fields


@pytest.mark.requirement("C31")
def test_every_change_of_something_about_a_contact_says_what_was_before():
    silent = {"photo.changed"}  # the picture before is gone for good
    changes = [event for event in all_events() if event.service == "contacts" and event.type.endswith("changed")]
    assert silent == {event.type for event in changes if not {"changes", "before"} & set(event.data().fields)}
