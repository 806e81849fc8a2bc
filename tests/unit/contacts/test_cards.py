"""A card is read as a whole: into one form, or refused with everything that is wrong with it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, strategies as st

from contracts.errors import Invalid
from services.contacts.card.rules import Card, difference, read_card
from services.contacts.finding.rules.remembering import addresses, patterns, words_of

TODAY = dt.date(2026, 3, 1)


def a_card(known: Card | None = None, **given) -> Card:
    return read_card(given, region="GB", today=TODAY, known=known)


def faults(**given) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        a_card(**given)
    return [error["pointer"] for error in refusal.value.errors]


@pytest.mark.requirement("C06", "C08")
def test_of_several_one_is_the_primary_one_and_two_are_refused():
    numbers = [{"value": f"07700 90012{n}", "primary": True} for n in range(3)]
    places = [{"city": "Leeds"}, {"city": "York", "primary": True}, {"city": "Hull", "primary": True}]
    letters = [{"value": f"{n}@example.org", "primary": n == "a"} for n in "ba"]
    assert faults(first_name="Ada", phones=numbers, addresses=places, emails=letters) == [
        "/addresses/2/primary",
        "/phones/1/primary",
        "/phones/2/primary",
    ]


@pytest.mark.requirement("C07", "C08")
def test_a_national_phone_is_read_by_the_country_of_the_primary_address():
    card = a_card(
        first_name="Ada",
        phones=[{"value": "030 123456"}, {"value": "07700 900123", "region": "gb"}],
        addresses=[{"city": "Leeds", "country": "gb"}, {"city": " Berlin ", "country": "de", "primary": True}],
    )
    assert [phone.value for phone in card.phones] == ["+4930123456", "+447700900123"]
    assert [(address.city, address.country, address.primary) for address in card.addresses] == [
        ("Leeds", "GB", False),
        ("Berlin", "DE", True),
    ]


def test_everything_wrong_is_named_at_once():
    assert faults(
        kind="company",
        first_name="x",
        emails=[{"value": "x"}],
        phones=[{"value": "12"}],
        addresses=[{"country": "QQ"}],
        birthday=dt.date(2027, 1, 1),
    ) == [
        "/addresses/0/country",
        "/emails/0/value",
        "/phones/0/value",
        "/name",
        "/first_name",
        "/birthday",
        "/birthday",
    ]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({}, "/first_name"),
        ({"first_name": "  "}, "/first_name"),
        ({"name": "Ada Ltd"}, "/name"),
        ({"kind": "company"}, "/name"),
        ({"first_name": "Ada", "birthday": dt.date(1890, 1, 1)}, "/birthday"),
        ({"first_name": "Ada", "birthday": dt.date(2026, 3, 2)}, "/birthday"),
    ],
    ids=["nothing", "blanks", "a person with a company's name", "a company without", "too old", "tomorrow"],
)
def test_a_card_needs_somebody_on_it(given, pointer):
    assert faults(**given) == [pointer]


@pytest.mark.requirement("C06")
@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"first_name": "Augusta", "last_name": "King", "preferred_name": "Ada"}, "Ada King"),
        ({"kind": "company", "name": "Analytical Engines"}, "Analytical Engines"),
        ({"emails": [{"value": "Ada@Example.com"}]}, "Ada@Example.com"),
        ({"phones": [{"value": "07700 900123"}]}, "+447700900123"),
    ],
)
def test_a_contact_is_called_by_what_there_is(given, shown):
    assert a_card(**given).display_name == shown


def test_what_is_not_given_stays_and_null_takes_away():
    before = a_card(first_name="Ada", last_name="King", gender="F", emails=[{"value": "ada@x.test"}])
    after = a_card(before, gender=None, last_name="Lovelace")
    assert difference(before, after) == {
        "gender": {"before": "female", "after": None},
        "last_name": {"before": "King", "after": "Lovelace"},
    }


def test_a_card_given_again_as_it_is_makes_no_difference():
    given = {"first_name": " Ada ", "emails": [{"value": "ada@x.test"}], "birthday": dt.date(1990, 2, 1)}
    before = a_card(**given)
    assert difference(before, a_card(before, **given)) == {}


@given(
    st.fixed_dictionaries(
        {},
        optional={name: st.text() | st.none() for name in ("first_name", "last_name", "name", "gender", "source")}
        | {
            "kind": st.sampled_from(["person", "company"]),
            "emails": st.lists(st.fixed_dictionaries({"value": st.text() | st.emails(), "label": st.text()})),
            "phones": st.lists(
                st.fixed_dictionaries({"value": st.text(), "region": st.sampled_from(["GB", "", "QQ"])})
            ),
            "addresses": st.lists(
                st.fixed_dictionaries({"city": st.text(), "country": st.sampled_from(["gb", "", "1"])})
            ),
            "birthday": st.dates() | st.none(),
        },
    )
)
def test_any_card_is_read_or_refused_with_pointers(given):
    try:
        card = read_card(given, region="GB", today=TODAY)
    except Invalid as refusal:
        pointers = [error["pointer"] for error in refusal.errors]
    else:
        assert_whole(card)
        return
    assert pointers
    assert all(pointer.startswith("/") for pointer in pointers)


def assert_whole(card: Card) -> None:
    assert card.display_name
    assert "\\u0000" not in json.dumps([card.profile["first_name"], card.search_text(None), card.sort_name])
    assert sum(email.primary for email in card.emails) == bool(card.emails)
    assert sum(phone.primary for phone in card.phones) == bool(card.phones)
    assert sum(address.primary for address in card.addresses) == bool(card.addresses)


@pytest.mark.requirement("C23")
@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("Zoë O’Brien", ["%zoe%", "%obrien%"]),
        ("ab", ["% ab%"]),
        ("07700 900", ["%07700900%"]),
        ("+44 (0)7700", ["%447700%"]),
        ("0044 7700", ["%447700%"]),
        ("100%_", ["%100\\%\\_%"]),
        ("", []),
        ("   ", []),
    ],
)
def test_what_is_asked_for_becomes_patterns_of_the_folded_text(q, found):
    assert patterns(q) == found


@pytest.mark.parametrize(
    ("q", "looked_for", "tried"),
    [
        ("Żółć.Anna@exa", ["%zolc.anna%"], ["zolc.anna@exa"]),  # nearly everybody has the domain
        ("ada@example.org", ["%ada@example.org%"], []),  # so short a name that many have it
        ("@example.org anna", ["%@example.org%", "%anna%"], []),
        ("anna@", ["%anna%"], ["anna@"]),
        ("0044 7700", ["%447700%"], []),
    ],
)
def test_of_an_address_the_name_is_looked_for_and_the_whole_is_tried(q, looked_for, tried):
    assert (patterns(q), addresses(q)) == (looked_for, tried)


@pytest.mark.requirement("C23")
@pytest.mark.parametrize(
    ("q", "misspelt"),
    [
        ("Ada Rusbardel", ["rusbardel"]),
        ("ada.rusbardel@exmaple.org", ["ada.rusbardel"]),
        ("Rusbardel ada@example.org", ["rusbardel"]),
        ("+44 161 496", []),
    ],
    ids=["short words are not", "nobody is found by a domain", "nor by so short a name", "a number is not"],
)
def test_words_may_be_misspelt(q, misspelt):
    assert words_of(q) == misspelt


@pytest.mark.requirement("C06", "C07")
@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "ftp://example.org"]
)
def test_a_website_is_nothing_that_a_link_would_run(website):
    assert faults(first_name="Ada", website=website) == ["/website"]
    known = Card(a_card(first_name="Ada").profile | {"website": website})
    assert a_card(known=known, first_name="Eva").profile["website"] == website  # what stood there is no fault of hers


@pytest.mark.parametrize(
    "website", ["example.org", "https://example.org/a:b", "HTTP://example.org", "example.org:8080/x"]
)
def test_a_website_may_be_typed_as_people_type_it(website):
    assert a_card(first_name="Ada", website=website).profile["website"] == website
