"""Where a customer may enter."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from functools import partial

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing.orders import package_ended, package_paid, package_reversed
from contracts.contacts import club_access, locations
from contracts.contacts.people import contact_changed
from contracts.errors import Conflict, Invalid, NotFound, Stale
from services.contacts.card.actions.archiving import archive_contacts, restore_contacts
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft, read_card
from services.contacts.club_access.actions import set_club_access
from services.contacts.club_access.reactions import follow_contacts
from services.contacts.contact.actions import hold_contacts
from services.contacts.contact.model import Contact
from services.contacts.settings.actions import create_location
from tests.builders.heard import asked_by, heard
from tests.builders.people import a_lead
from tests.builders.waiting import eventually
from tests.builders.works import a_clockwork
from tests.service.contacts.importing_files import ended

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
_positions = itertools.count(1)
_A_NAME = {"before": "Ada", "after": "Ida"}


@pytest.fixture
def harbour(ask):
    location = ask(locations.create_location, name=f"Harbour {uuid.uuid4().hex[:8]}")
    yield location
    ask(locations.change_location, location_id=location["id"], archived=True)


@pytest.fixture
def customer(ask, billing_says, subscriber):
    """A customer's id, and the assignment that made them one."""
    listener = subscriber("contacts.events", "contact.lifecycle_changed")
    lead, assignment = a_lead(ask)["id"], new_id()
    _paid(billing_says, lead, assignment)
    listener.wait_for("contact.lifecycle_changed", subject=lead)
    return lead, assignment


def _paid(billing_says, contact_id: str, assignment: str, kind: str = "membership") -> None:
    gold = {"name": "Gold", "kind": kind, "since": dt.date(2026, 3, 1)}
    billing_says(package_paid, contact_id, next(_positions), assignment_id=assignment, **gold)


@pytest.mark.requirement("C12")
def test_a_customer_enters_where_it_is_said(ask, subscriber, customer, harbour):
    contact_id, _ = customer
    listener = subscriber("contacts.events", "club_access.*")
    assert ask(club_access.get_club_access, contact_id=contact_id) == {
        "contact_id": contact_id, "locations": [], "suspended": False, "version": 0,
    }  # fmt: skip
    given = ask(club_access.set_club_access, contact_id=contact_id, locations=[harbour["name"], harbour["key"]])
    assert (given["locations"], given["suspended"], given["version"]) == ([harbour["key"]], False, 1)
    assert ask(club_access.set_club_access, contact_id=contact_id, locations=[harbour["key"]])["version"] == 1
    told = listener.wait_for("club_access.changed", subject=contact_id).data
    assert told == {"before": [], "after": [harbour["key"]], "reason": "set by hand", "version": 1}

    ask(locations.change_location, location_id=harbour["id"], archived=True)
    with pytest.raises(Invalid) as refused:
        ask(club_access.set_club_access, contact_id=contact_id, locations=[harbour["key"], "Nowhere"])
    assert [error["pointer"] for error in refused.value.errors] == ["/locations/1"]
    with pytest.raises(Stale):
        ask(club_access.set_club_access, contact_id=contact_id, locations=[], expected_version=0)
    assert ask(club_access.set_club_access, contact_id=contact_id, locations=[])["locations"] == []


@pytest.mark.requirement("C12", "C03")
def test_who_is_no_customer_any_more_keeps_the_locations_for_the_day_that_they_are_again(
    ask, subscriber, billing_says, customer, harbour
):
    contact_id, assignment = customer
    listener = subscriber("contacts.events", "club_access.*")
    ask(club_access.set_club_access, contact_id=contact_id, locations=[harbour["key"]])
    position = next(_positions)
    billing_says(package_reversed, contact_id, position, assignment_id=assignment, name="Gold", reason="refunded")
    closed = listener.wait_for("club_access.changed", subject=contact_id, count=2)
    assert (closed.data["before"], closed.data["after"]) == ([harbour["key"]], [])
    assert "refunded" in closed.data["reason"]
    access = ask(club_access.get_club_access, contact_id=contact_id)
    assert (access["locations"], access["suspended"]) == ([harbour["key"]], True)
    with pytest.raises(Conflict):
        ask(club_access.set_club_access, contact_id=contact_id, locations=[])

    _paid(billing_says, contact_id, new_id())
    opened = listener.wait_for("club_access.changed", subject=contact_id, count=3)
    assert (opened.data["before"], opened.data["after"]) == ([], [harbour["key"]])
    assert ask(club_access.get_club_access, contact_id=contact_id)["suspended"] is False


@pytest.mark.requirement("C12")
def test_an_archived_customer_enters_nowhere_until_restored(servers):
    with a_clockwork(servers, now=NOW) as clockwork:
        with clockwork.work() as work:
            card = read_card({"first_name": "Ada"}, region="GB", today=NOW.date())
            [entered] = add_contacts(work, [Draft(card)])
            contact_id = entered.contact_id
            harbour = create_location(work, locations.CreateLocation().load({"name": "Harbour"}))
            work.session.execute(sa.update(Contact).values(lifecycle="customer"))
            wanted = {"contact_id": contact_id, "locations": [harbour.key]}
            set_club_access(work, club_access.SetClubAccess().load(wanted))
        clockwork.told()
        for change, after in ((partial(archive_contacts, reason="moved"), []), (restore_contacts, ["harbour"])):
            with clockwork.work() as work:
                change(work, list(hold_contacts(work, [contact_id]).values()))
            changed = clockwork.told(contact_changed)
            renamed = heard(contact_changed, contact_id, 2, **changed[0].plain | {"changes": {"first_name": _A_NAME}})
            clockwork.hears(follow_contacts, [*changed, renamed])
            [told] = clockwork.told(club_access.club_access_changed)
            assert (told.data.after, asked_by(told)) == (after, asked_by(changed[0]))


@pytest.mark.requirement("C12")
def test_a_lead_has_no_club_access(ask, api, harbour):
    path = f"/contacts/{a_lead(ask)['id']}/club-access"
    refused = api.put(path, json={"locations": [harbour["key"]]})
    assert (refused.status_code, refused.json()["lifecycle"]) == (409, "lead")
    assert api.get(path).json()["locations"] == []
    for wrong in ({}, {"locations": None}, {"locations": [""]}, {"locations": ["a\0"]}, {"locations": "x"}):
        assert api.put(path, json=wrong).status_code == 422
    with pytest.raises(NotFound):
        ask(club_access.set_club_access, contact_id=str(uuid.uuid4()), locations=[])


@pytest.mark.requirement("C12", "C03", "C39")
def test_over_http_a_former_customer_and_an_archived_one_find_the_doors_shut(
    api, ask, house, billing_says, subscriber, harbour
):
    listener = subscriber("contacts.events", "contact.lifecycle_changed")
    contact_id, assignment = a_lead(ask)["id"], new_id()
    _paid(billing_says, contact_id, assignment, kind="course")  # with a membership nobody is archived
    listener.wait_for("contact.lifecycle_changed", subject=contact_id)
    path, wanted = f"/contacts/{contact_id}/club-access", {"locations": [harbour["key"]]}
    given = api.put(path, json=wanted)
    assert (given.status_code, given.json()["suspended"], given.headers["ETag"]) == (200, False, '"1"')

    def said(suspended):
        access = eventually(lambda: (now := api.get(path).json())["suspended"] is suspended and now)
        assert access["locations"] == wanted["locations"]  # kept for the day that they may again

    def refused():
        answers = [api.put(path, json=body) for body in (wanted, {"locations": []})]
        assert [answer.status_code for answer in answers] == [409, 409]
        return answers[0].json()

    for action, standing in (("archive", "archived"), ("restore", "active")):
        started = api.post("/bulk", json={"action": action, "selection": {"ids": [contact_id]}})
        assert ended(house, started.json()["id"])["state"] == "done"
        said(standing == "archived")
        if standing == "archived":
            assert (refused()["standing"], "archived" in refused()["detail"]) == (standing, True)
    assert api.put(path, json=wanted).status_code == 200

    over = {"ended_at": dt.datetime.now(dt.UTC), "reason": "expired", "name": "Gold"}
    billing_says(package_ended, contact_id, next(_positions), assignment_id=assignment, **over)
    said(True)
    problem = refused()
    assert problem["lifecycle"] == "former_customer"
    assert "Only customers have club access" in problem["detail"]
