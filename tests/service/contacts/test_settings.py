"""What the business says of itself, and where it is."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from chassis.ids import new_id
from contracts.access import API, ROLES
from contracts.contacts import locations, people, settings
from contracts.errors import Forbidden, Invalid, NotFound
from services.contacts.settings import actions, queries
from services.contacts.settings.model import Location, Setting
from tests.builders.people import a_lead, a_person
from tests.builders.works import a_clockwork

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.mark.requirement("P05", "G10")
def test_the_follow_up_window_is_of_thirty_to_sixty_days(ask, set_to):
    assert [set_to(follow_up_window_days=days)["follow_up_window_days"] for days in (30, 60)] == [30, 60]
    for days in (29, 61, 0, -1, "45", 45.5, True):
        with pytest.raises(Invalid) as refused:
            ask(settings.change_settings, follow_up_window_days=days)
        assert [fault["pointer"] for fault in refused.value.errors] == ["/follow_up_window_days"]


@pytest.mark.requirement("G10")
def test_a_setting_is_said_told_and_taken_back(ask, subscriber, set_to):
    before = ask(settings.get_settings)
    assert (before["at_risk_days"], before["new_within_days"], before["lifecycle_policy"]) == (45, 30, "paid_package")
    assert "at_risk_days" not in before["set"]
    listener = subscriber("contacts.events", "settings.changed")

    after = set_to(at_risk_days=60, labels={"contact": "patient"})
    assert after == ask(settings.get_settings)
    assert (after["at_risk_days"], after["version"]) == (60, before["version"] + 1)
    assert (after["labels"]["contact"], after["labels"]["leads"]) == ("patient", "leads")
    assert set(after["set"]) == {*before["set"], "at_risk_days", "labels"}
    heard = (listener.wait_for("settings.changed", count=count) for count in range(1, 100))
    told = next(one for one in heard if one.data["version"] == after["version"])  # a change before may come by late
    assert told.data["changes"]["at_risk_days"] == {"before": 45, "after": 60}

    same = ask(settings.change_settings, at_risk_days=60, labels={"contact": "patient"})
    assert same["version"] == after["version"]
    back = ask(settings.change_settings, at_risk_days=None)
    assert (back["at_risk_days"], back["version"]) == (45, after["version"] + 1)


@pytest.mark.requirement("G10", "G06")
def test_one_label_goes_back_to_its_default_and_the_others_stay(ask, set_to):
    set_to(labels={"contact": "patient", "lead": "prospect"})
    back = ask(settings.change_settings, labels={"contact": None})
    assert (back["labels"]["contact"], back["labels"]["lead"]) == ("contact", "prospect")
    unsaid = ask(settings.change_settings, labels={"lead": None})
    assert (unsaid["labels"], "labels" in unsaid["set"]) == (settings.LABELS, False)


@pytest.mark.requirement("G10", "G06")
def test_what_others_changed_meanwhile_is_not_lost(api, set_to):
    first = api.get("/settings")
    set_to(new_within_days=20)
    patch = {"new_within_days": 10}
    refused = api.patch("/settings", json=patch, headers={"If-Match": first.headers["ETag"]})
    assert refused.status_code == 412
    now = api.get("/settings").headers["ETag"]
    assert api.patch("/settings", json=patch, headers={"If-Match": now}).json()["new_within_days"] == 10


@pytest.mark.requirement("G10")
@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"time_zone": "../etc/passwd"}, "/time_zone"),
        ({"default_region": "XX"}, "/default_region"),
        ({"currency": "euro"}, "/currency"),
        ({"at_risk_days": 0}, "/at_risk_days"),
        ({"at_risk_days": 2**70}, "/at_risk_days"),
        ({"at_risk_days": "45"}, "/at_risk_days"),
        ({"lifecycle_policy": "whatever"}, "/lifecycle_policy"),
        ({"labels": {"contact": ""}}, "/labels/contact"),
        ({"labels": {"nobody": "x"}}, "/labels/nobody"),
        ({"business_name": "a\0b"}, "/business_name"),
        ({"weather": "fine"}, "/weather"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(ask, given, pointer):
    with pytest.raises(Invalid) as refused:
        ask(settings.change_settings, **given)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


@pytest.mark.requirement("G05", "G10")
def test_everybody_of_the_team_reads_the_settings_and_few_change_them(ask):
    for role in set(ROLES) - {"member", "service", API}:
        assert ask(settings.get_settings, actor=role)["version"]
    for role in set(ROLES) - {"owner", "admin", "service"}:
        with pytest.raises(Forbidden):
            ask(settings.change_settings, actor=role, at_risk_days=1)


@pytest.mark.requirement("C07", "G10")
def test_a_national_number_is_read_by_the_region_that_is_set(ask, set_to):
    set_to(default_region="es")
    entered = a_lead(ask, phones=[{"value": "612 345 678"}])
    assert [(phone["value"], phone["as_typed"]) for phone in entered["phones"]] == [("+34612345678", "612 345 678")]


@pytest.mark.requirement("G10", "C11")
def test_a_contact_is_at_a_location_by_its_name_or_key(ask, open_a_location):
    elsewhere = a_lead(ask, location="anywhere at all")
    harbour = open_a_location(time_zone="Europe/Madrid", address={"city": "Palma", "country": "es"})
    assert harbour["address"]["country"] == "ES"
    assert a_lead(ask, location=f"  {harbour['name'].upper()} ")["location"] == harbour["key"]
    lead = a_lead(ask, location=harbour["key"])
    for rpc, given in (
        (people.create_contact, a_person(location="Nowhere", enter_as="customer")),
        (people.change_contact, {"contact_id": lead["id"], "location": "Nowhere"}),
    ):
        with pytest.raises(Invalid) as refused:
            ask(rpc, **given)
        assert [error["pointer"] for error in refused.value.errors] == ["/location"]
    kept = ask(people.change_contact, contact_id=elsewhere["id"], location="anywhere at all", industry="Health")
    assert kept["location"] == "anywhere at all"


@pytest.mark.requirement("G10", "C11")
def test_who_was_there_by_name_before_is_put_at_the_new_location(ask, subscriber, eventually, open_a_location):
    name = f"Old Pier {uuid.uuid4().hex[:8]}"
    there, elsewhere = a_lead(ask, location=name.upper()), a_lead(ask, location=f"{name} 2")
    listener = subscriber("contacts.events", "contact.changed")
    pier = open_a_location(name)
    told = listener.wait_for("contact.changed", subject=there["id"])
    assert told.data["changes"] == {"location": {"before": name.upper(), "after": pier["key"]}}
    assert ask(people.get_contact, contact_id=there["id"])["location"] == pier["key"]
    assert ask(people.get_contact, contact_id=elsewhere["id"])["location"] == f"{name} 2"


@pytest.mark.requirement("G10")
def test_an_archived_location_keeps_its_contacts_and_takes_no_more(ask, subscriber, open_a_location):
    listener = subscriber("contacts.events", "location.*")
    harbour, other = open_a_location(), open_a_location()
    lead = a_lead(ask, location=harbour["key"])
    archived = ask(locations.change_location, location_id=harbour["id"], archived=True)
    assert (archived["archived"], archived["version"]) == (True, 2)
    assert listener.wait_for("location.changed").data["archived"] is True
    with pytest.raises(Invalid):
        a_lead(ask, location=harbour["key"])
    assert ask(people.get_contact, contact_id=lead["id"])["location"] == harbour["key"]
    open_ones = [one["key"] for one in ask(locations.list_locations, limit=200)["items"]]
    assert harbour["key"] not in open_ones
    assert other["key"] in open_ones
    assert harbour["id"] in [one["id"] for one in ask(locations.list_locations, archived=True, limit=200)["items"]]


@pytest.mark.requirement("G10")
def test_two_locations_are_never_called_alike(api, ask, open_a_location):
    harbour = open_a_location()
    for given, pointer in (
        ({"name": harbour["name"].upper(), "key": uuid.uuid4().hex}, "/name"),
        ({"name": harbour["key"], "key": uuid.uuid4().hex}, "/name"),
        ({"name": "Another", "key": harbour["key"]}, "/key"),
    ):
        refused = api.post("/locations", json=given)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, pointer)
    pier = {"name": f"Pier {uuid.uuid4().hex[:8]}"}
    with ThreadPoolExecutor(4) as at_once:
        answers = list(at_once.map(lambda n: api.post("/locations", json=pier | {"key": uuid.uuid4().hex}), range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    [opened] = [answer.json() for answer in answers if answer.status_code == 201]
    ask(locations.change_location, location_id=opened["id"], archived=True)


@pytest.mark.requirement("G10")
@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "!!!"}, "/name"),
        ({"name": "Pier", "time_zone": "Europe/Nowhere"}, "/time_zone"),
        ({"name": "Pier", "address": {"country": "XX"}}, "/address/country"),
    ],
)
def test_a_location_that_cannot_be_is_refused(ask, given, pointer):
    with pytest.raises(Invalid) as refused:
        ask(locations.create_location, **given)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_a_location_is_changed_by_who_has_read_it(ask, api, open_a_location):
    harbour = open_a_location()
    with pytest.raises(NotFound):
        ask(locations.change_location, location_id=str(uuid.uuid4()), name="x")
    path = f"/locations/{harbour['id']}"
    assert api.patch(path, json={"name": harbour["name"]}).json()["version"] == 1
    assert api.patch(path, json={"time_zone": "Asia/Tokyo"}).json()["time_zone"] == "Asia/Tokyo"
    assert api.patch(path, json={"time_zone": None}, headers={"If-Match": '"1"'}).status_code == 412


@pytest.mark.requirement("G10")
def test_another_process_obeys_within_a_second_and_knows_the_zone_of_every_location(servers, monkeypatch):
    with a_clockwork(servers, now=NOW) as clockwork:
        clock = [100.0]
        monkeypatch.setattr(queries, "time", SimpleNamespace(monotonic=lambda: clock[0]))
        queries.forget()
        with clockwork.reading() as work:
            assert queries.setting(work, "time_zone") == "UTC"
        _say_elsewhere(clockwork)
        clock[0] = 100.9
        with clockwork.reading() as work:
            assert queries.setting(work, "time_zone") == "UTC"
            assert queries.setting_now(work, "time_zone") == "Asia/Tokyo"
            clock[0] = 101.0
            assert queries.business_zone(work).key == "Asia/Tokyo"
            assert {key: zone.key for key, zone in queries.zone_of_locations(work).items()} == {
                "pier": "Europe/Madrid", "quay": "Asia/Tokyo",
            }  # fmt: skip
    queries.forget()


@pytest.mark.requirement("G10")
def test_the_process_that_changes_a_setting_goes_by_it_from_its_commit_on(servers, monkeypatch):
    with a_clockwork(servers, now=NOW) as clockwork:
        monkeypatch.setattr(queries, "time", SimpleNamespace(monotonic=lambda: 100.0))
        queries.forget()
        with clockwork.work() as work:
            actions.change_settings(work, settings.ChangeSettings().load({"time_zone": "Asia/Tokyo"}))
            with clockwork.reading() as other:
                assert queries.setting(other, "time_zone") == "UTC"
        with clockwork.reading() as work:
            assert queries.setting(work, "time_zone") == "Asia/Tokyo"
    queries.forget()


def _say_elsewhere(clockwork) -> None:
    """What another process commits."""
    with clockwork.work() as work:
        row = {"version": 2, "changed_at": NOW}
        work.session.add(Setting(key="time_zone", value="Asia/Tokyo", **row))
        for key, zone in (("pier", "Europe/Madrid"), ("quay", None)):
            named = {"key": key, "name": key, "name_key": key, "time_zone": zone}
            work.session.add(Location(id=new_id(), created_at=NOW, version=1, **named))
