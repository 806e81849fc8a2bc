"""Many who note the same places in companies in the same moment."""

from __future__ import annotations

from functools import partial

import pytest

from contracts.contacts import companies, people
from contracts.errors import Conflict, NotFound
from tests.builders.at_once import at_once
from tests.builders.people import an_email
from tests.builders.sessions import guests

MANY = 6


@pytest.fixture
def a_company(ask):
    return lambda: ask(people.create_contact, kind="company", name="Engines", emails=[an_email()], enter_as="customer")


@pytest.mark.requirement("C01")
def test_of_many_who_note_one_place_at_once_one_does_and_the_others_hear_of_it(ask, subscriber, a_company):
    listener = subscriber("contacts.events", "affiliation.added")
    [ada], engines = guests(ask, 1), a_company()["id"]
    named = {"contact_id": ada, "company_id": engines, "title": "Director"}
    sides = {companies.add_company_of_person: "/company_id", companies.add_person_of_company: "/contact_id"}
    asked = [side for _ in range(MANY // 2) for side in sides]
    answers = at_once([partial(ask, side, **named) for side in asked])
    [made] = [answer for answer in answers if not isinstance(answer, Conflict)]
    for side, answer in zip(asked, answers, strict=True):
        if answer is not made:
            assert [error["pointer"] for error in answer.errors] == [sides[side]]
            assert answer.extra["existing_id"] == made["id"]
    assert ask(companies.list_companies_of_person, contact_id=ada)["items"] == [made]
    listener.wait_for("affiliation.added", subject=ada)
    assert len([told for told in listener.heard if told.subject == ada]) == 1


@pytest.mark.requirement("C01")
def test_many_people_find_a_place_in_one_company_at_once(ask, a_company):
    engines, several = a_company()["id"], guests(ask, MANY)
    both = [companies.add_company_of_person, companies.add_person_of_company]
    calls = [partial(ask, both[n % 2], contact_id=who, company_id=engines) for n, who in enumerate(several)]
    assert all(place["primary"] for place in at_once(calls))
    there = ask(companies.list_people_of_company, company_id=engines)["items"]
    assert {place["person"]["id"] for place in there} == set(several)


@pytest.mark.requirement("C01", "C31")
def test_of_many_primary_places_one_is_left_and_each_that_was_it_is_told(ask, subscriber, a_company):
    listener = subscriber("contacts.events", "affiliation.*")
    [ada], several = guests(ask, 1), [a_company()["id"] for _ in range(MANY)]
    add = partial(ask, companies.add_company_of_person, contact_id=ada, primary=True)
    at_once([partial(add, company_id=company) for company in several])
    places = ask(companies.list_companies_of_person, contact_id=ada)["items"]
    assert sorted(place["primary"] for place in places) == [False] * (MANY - 1) + [True]
    assert sorted(place["version"] for place in places) == [1] + [2] * (MANY - 1)
    last = listener.wait_for("affiliation.changed", subject=ada, count=MANY - 1)
    assert last.data["changes"] == {"primary": {"before": True, "after": False}}


@pytest.mark.requirement("C01")
def test_a_place_that_goes_while_it_is_changed_is_not_found(ask, a_company):
    [ada] = guests(ask, 1)
    one = {"affiliation_id": ask(companies.add_company_of_person, contact_id=ada, company_id=a_company()["id"])["id"]}
    calls = [partial(ask, companies.change_affiliation, title=f"{n}", **one) for n in range(MANY)]
    calls.insert(MANY // 2, partial(ask, companies.remove_affiliation, **one))
    answers = at_once(calls, refusals=(NotFound,))
    assert answers[MANY // 2] == {}
    with pytest.raises(NotFound):
        ask(companies.get_affiliation, **one)
