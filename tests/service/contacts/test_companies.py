"""People and the companies that they belong to, by the door."""

from __future__ import annotations

import pytest

from chassis.ids import new_id
from contracts.contacts import companies, people
from contracts.errors import Conflict, Invalid, NotFound, Stale
from tests.builders.people import a_lead, an_email


@pytest.fixture
def ada(ask):
    return a_lead(ask)


@pytest.fixture
def a_company(ask):
    def build(name: str = "Analytical Engines") -> dict:
        return ask(people.create_contact, kind="company", name=name, emails=[an_email()], enter_as="customer")

    return build


@pytest.mark.requirement("C01")
def test_a_person_belongs_to_a_company_and_both_sides_hear_of_it(ask, subscriber, ada, a_company):
    listener, engines = subscriber("contacts.events", "affiliation.*"), a_company()
    place = ask(
        companies.add_company_of_person,
        contact_id=ada["id"],
        company_id=engines["id"],
        title=" Chief  Programmer ",
        since="2020-01-01",
    )
    assert (place["title"], place["primary"], place["current"], place["version"]) == ("Chief Programmer", True, True, 1)
    for subject in (ada["id"], engines["id"]):
        told = listener.wait_for("affiliation.added", subject=subject)
        assert (told.data["person_id"], told.data["company_id"]) == (ada["id"], engines["id"])
    [at_company] = ask(companies.list_people_of_company, company_id=engines["id"])["items"]
    [at_person] = ask(companies.list_companies_of_person, contact_id=ada["id"])["items"]
    assert at_company == at_person == place == ask(companies.get_affiliation, affiliation_id=place["id"])
    assert place["person"] == {"id": ada["id"], "display_name": ada["display_name"], "standing": "active"}


@pytest.mark.requirement("C01")
def test_who_leaves_is_still_on_record_and_may_come_back(ask, ada, a_company):
    first, second = a_company(), a_company("Difference Engines")
    one = ask(companies.add_person_of_company, company_id=first["id"], contact_id=ada["id"], since="2010-01-01")
    left = ask(companies.change_affiliation, affiliation_id=one["id"], until="2012-12-31", expected_version=1)
    assert (left["current"], left["primary"], left["version"]) == (False, False, 2)
    with pytest.raises(Stale):
        ask(companies.change_affiliation, affiliation_id=one["id"], until="2013-12-31", expected_version=1)
    two = ask(companies.add_person_of_company, company_id=second["id"], contact_id=ada["id"], since="2013-01-01")
    back = ask(companies.add_person_of_company, company_id=first["id"], contact_id=ada["id"], since="2020-01-01")
    assert (two["primary"], back["primary"]) == (True, False)
    back = ask(companies.change_affiliation, affiliation_id=back["id"], primary=True)
    assert back["primary"]
    assert not ask(companies.get_affiliation, affiliation_id=two["id"])["primary"]

    def seen(**asked):
        return [
            place["id"] for place in ask(companies.list_companies_of_person, contact_id=ada["id"], **asked)["items"]
        ]

    assert seen() == [back["id"], two["id"], one["id"]]
    assert seen(current=False) == [one["id"]]
    assert seen(current=True, sort="name") == [back["id"], two["id"]]
    page = ask(companies.list_companies_of_person, contact_id=ada["id"], limit=2)
    assert seen(limit=2, cursor=page["next"]) == [one["id"]]
    with pytest.raises(Conflict):  # at the same company at the same time
        ask(companies.add_person_of_company, company_id=first["id"], contact_id=ada["id"], since="2012-06-01")


@pytest.mark.requirement("C01")
def test_what_was_never_true_is_taken_back(ask, ada, a_company):
    place = ask(companies.add_company_of_person, contact_id=ada["id"], company_id=a_company()["id"])
    ask(companies.remove_affiliation, affiliation_id=place["id"])
    with pytest.raises(NotFound):
        ask(companies.get_affiliation, affiliation_id=place["id"])
    assert ask(companies.list_companies_of_person, contact_id=ada["id"])["items"] == []


@pytest.mark.requirement("C01")
def test_only_a_person_belongs_and_only_to_a_company(ask, ada, a_company):
    engines, ben = a_company(), a_lead(ask)

    def refused(**asked):
        with pytest.raises((Invalid, NotFound)) as refusal:
            ask(companies.add_company_of_person, **{"contact_id": ada["id"], "company_id": engines["id"], **asked})
        return [error["pointer"] for error in refusal.value.errors]

    assert refused(company_id=ben["id"]) == ["/company_id"]
    assert refused(company_id=new_id()) == ["/company_id"]
    assert refused(contact_id=engines["id"]) == ["/contact_id"]
    assert refused(contact_id=new_id()) == []
    assert refused(since="2020-01-02", until="2020-01-01") == ["/until"]
    assert refused(until="2020-01-01", primary=True) == ["/primary"]
    assert refused(since="0000-00-00") == ["/since"]
