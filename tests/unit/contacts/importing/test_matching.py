"""Rows find the person they are about."""

import datetime as dt
from dataclasses import replace

import pytest

from services.contacts.card.rules import read_card
from services.contacts.importing.rules.matching import Crowd, Person, filled, overwritten
from services.contacts.importing.rules.rows import Row

TODAY = dt.date(2026, 11, 22)


def a_card(first="Ada", last="Lovelace", emails=(), phones=(), **more):
    given = {"first_name": first, "last_name": last, **more}
    given |= {"emails": [{"value": value} for value in emails], "phones": [{"value": value} for value in phones]}
    return read_card(given, region="GB", today=TODAY)


def known(card, **more):
    return Person(card, id=f"id of {card.display_name}", before=card, **more)


def crowd(*people, match_on=("email",), mode="both", **more):
    made = Crowd(match_on, mode, **more)
    for person in people:
        made.admit(person)
    return made


def settle(made, card, **row):
    return made.settle(Row(2, **row), card)


ADA = {"emails": ["ada@example.org"], "phones": ["+44 20 7946 0958"]}


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("row", "outcome", "why"),
    [
        (a_card(**ADA), "unchanged", "the same"),
        (a_card("Lovelace", "ADA", emails=["ADA@Example.org"]), "unchanged", "names swapped, e-mail in capitals"),
        (a_card(emails=["other@example.org"], phones=["020 7946 0958"]), "updated", "same name and phone, new e-mail"),
        (a_card("Ada", "Lovelacé", phones=["02079460958"]), "unchanged", "an accent more"),
        (a_card("Bob", "Lovelace", phones=["+44 20 7946 0958"]), "created", "a household shares a phone"),
        (a_card(), "created", "a name alone is nobody in particular"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_who_a_row_is_about(row, outcome, why):
    made = crowd(known(a_card(**ADA)))
    assert settle(made, row).outcome == outcome, why


def test_an_earlier_row_of_the_same_step_is_found():
    made = crowd()
    assert settle(made, a_card(**ADA)).outcome == "created"
    assert settle(made, a_card(emails=["ada@example.org"], birthday=dt.date(1990, 12, 10))).outcome == "updated"
    assert len(made.new) == 1
    assert made.new[0].card.profile["birthday"] == dt.date(1990, 12, 10)


def test_what_is_there_is_not_overwritten():
    made = crowd(known(a_card(**ADA, birthday=dt.date(1990, 12, 10))))
    outcome = settle(made, a_card("Eve", "Other", emails=["ada@example.org"], birthday=dt.date(1980, 1, 1)))
    assert (outcome.outcome, made.known[0].is_changed) == ("unchanged", False)


def test_an_archived_contact_stays_as_it_is():
    made = crowd(known(a_card(**ADA), archived=True))
    outcome = settle(made, a_card(**ADA, birthday=dt.date(1990, 12, 10)), tags=["VIP"])
    assert outcome.outcome == "unchanged"
    assert "archived" in outcome.remarks[0]["detail"]


def test_an_email_of_somebody_else_stays_theirs():
    bob = a_card("Bob", "Brown", emails=["bob@example.org"])
    made = crowd(known(a_card(**ADA)), known(bob))
    outcome = settle(made, a_card(emails=["ada@example.org", "bob@example.org"]))
    assert (outcome.outcome, made.known[0].is_changed) == ("unchanged", False)
    assert "another contact's" in outcome.remarks[0]["detail"]


def test_a_phone_is_enough_when_it_is_asked_for():
    made = crowd(known(a_card(**ADA)), match_on=["phone"])
    assert settle(made, a_card("Bob", "Brown", phones=["+44 20 7946 0958"])).outcome == "unchanged"
    assert settle(made, a_card(emails=["ada@example.org"])).outcome == "unchanged", "the same e-mail and name"
    outcome = settle(made, a_card("Bob", "Brown", emails=["ada@example.org"], phones=["+44 20 7946 0111"]))
    assert (outcome.outcome, outcome.person.card.emails) == ("created", [])


def test_who_has_nothing_but_an_email_of_somebody_else_is_not_entered_anew_each_time():
    made = crowd(known(a_card(**ADA)), match_on=["phone"])
    outcome = settle(made, a_card("Bob", "Brown", emails=["ada@example.org"]))
    assert (outcome.outcome, made.new) == ("rejected", [])
    assert "another contact's" in outcome.remarks[0]["detail"]


def test_tags_and_notes_are_added_once():
    made = crowd(known(a_card(**ADA), tags={"vip"}))
    assert settle(made, a_card(**ADA), tags=["VIP"]).outcome == "unchanged"
    assert settle(made, a_card(**ADA), tags=["New"], notes=["Likes tea."]).outcome == "updated"
    assert settle(made, a_card(**ADA), tags=["new"], notes=["Likes tea."]).outcome == "unchanged"
    person = made.known[0]
    assert (person.new_tags, person.new_notes, person.is_changed) == (["New"], ["Likes tea."], False)


def test_the_first_email_stays_the_primary_one():
    made = crowd(known(a_card(**ADA)))
    settle(made, a_card(emails=["new@example.org"], phones=["+44 20 7946 0958"]))
    assert [(email.value, email.primary) for email in made.known[0].card.emails] == [
        ("ada@example.org", True),
        ("new@example.org", False),
    ]


@pytest.mark.requirement("C11", "C19")
def test_the_source_that_a_row_names_counts_before_the_name_of_the_file():
    made = crowd(source="people.csv")
    settle(made, a_card(emails=["a@example.org"], source="Instagram"))
    settle(made, a_card("Bob", emails=["b@example.org"]))
    assert [person.card.profile["source"] for person in made.new] == ["Instagram", "people.csv"]


@pytest.mark.requirement("C11", "C19")
def test_the_source_of_somebody_known_is_kept_or_overwritten_by_what_a_row_says_and_never_by_a_files_name():
    def again(wish, **said):
        made = crowd(known(a_card(**ADA, source="Walk-in")), on_conflict=wish, source="people.csv")
        outcome = settle(made, a_card(**ADA, **said))
        return made.known[0].card.profile["source"], outcome.told.get("not_taken")

    assert again("keep", source="Instagram") == (
        "Walk-in", [{"field": "source", "kept": "Walk-in", "given": "Instagram"}]
    )  # fmt: skip
    assert again("overwrite", source="Instagram") == ("Instagram", None)
    assert again("overwrite") == ("Walk-in", None)


def test_custom_values_are_filled_and_never_overwritten():
    before = replace(a_card(), fields={"size": "S"})
    assert filled(before, replace(a_card(), fields={"size": "L"})) is before
    assert filled(before, replace(a_card(), fields={"size": "L", "locker": 7})).fields == {"size": "S", "locker": 7}


ROAD = {"street": "Road 1", "city": "Leeds", "postal_code": "LS1 1AA", "country": "GB"}


def at(*places):
    return a_card(addresses=list(places))


def places(read):
    parts = ("label", "street", "city", "postal_code", "country")
    return ["|".join(getattr(one, part) for part in parts if getattr(one, part)) for one in read.addresses]


@pytest.mark.requirement("C19")
@pytest.mark.parametrize("add", [filled, overwritten])
@pytest.mark.parametrize(
    "row", [{"country": "GB"}, {"city": "LEEDS"}, {"label": "billing", "street": "road 1"}, {**ROAD, "label": "home"}]
)
def test_an_address_that_says_no_more_than_a_known_one_adds_nothing(add, row):
    before = at(ROAD)
    assert add(before, at(row)) is before


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("row", "keeping", "overwriting"),
    [
        ({"street": "New Road 2"}, ["Road 1|Leeds|GB", "New Road 2"], ["New Road 2|Leeds|GB"]),
        ({"city": "York", "country": "GB"}, ["Road 1|Leeds|GB", "York|GB"], ["Road 1|York|GB"]),
        (ROAD, ["Road 1|Leeds|LS1 1AA|GB"], ["Road 1|Leeds|LS1 1AA|GB"]),
        ({**ROAD, "label": "home"}, ["Road 1|Leeds|GB", "home|Road 1|Leeds|LS1 1AA|GB"],
         ["Road 1|Leeds|GB", "home|Road 1|Leeds|LS1 1AA|GB"]),
    ],
    ids=["a street alone", "another city", "a postal code more", "another label"],
)  # fmt: skip
def test_a_blank_part_of_an_address_blanks_nothing(row, keeping, overwriting):
    before = at({**ROAD, "postal_code": ""})
    for add, expected in ((filled, keeping), (overwritten, overwriting)):
        after = add(before, at(row))
        assert places(after) == expected
        assert after.addresses[0].primary
        assert add(after, at(row)) is after, "the same row again"


def test_two_addresses_of_one_row_do_not_take_one_anothers_place():
    after = overwritten(at({"street": "Old Road 3", "city": "Bath"}), at(ROAD, {"street": "Quay 7", "city": "Hull"}))
    assert places(after) == ["Road 1|Leeds|LS1 1AA|GB", "Quay 7|Hull"]
