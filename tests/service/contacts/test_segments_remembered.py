"""Compiled segments are kept from one batch to the next, and whatever another process changes counts at once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import segments, settings
from contracts.contacts.facts import facts_changed
from contracts.contacts.filters import read_group
from contracts.contacts.segments import segment_entered, segment_left
from contracts.contacts.tags import contact_tagged
from services.contacts.facts.model import Facts
from services.contacts.segments.actions import defining, following
from services.contacts.segments.actions.evaluating import hold_segments
from services.contacts.segments.actions.keeping import keep_built_ins
from services.contacts.segments.model import Segment
from services.contacts.segments.queries.remembered import Segmentation, segmentation
from services.contacts.settings.actions import change_settings
from services.contacts.tags import actions
from tests.builders.works import Clockwork, a_clockwork
from tests.house.keeper import Servers

START = dt.datetime(2026, 11, 22, 22, 30, tzinfo=dt.UTC)
A_PERSON = """
INSERT INTO contacts (id, kind, standing, version, display_name, sort_name, search, entered_as, acquisition, lifecycle,
    lifecycle_reason, lifecycle_since, created_at, changed_at)
VALUES (:id, 'person', 'active', 1, 'Ada', 'ada', ' ada ', 'lead', 'import', 'lead', 'lead', now(), now(), now())
"""
A_LOCATION = "INSERT INTO locations (id, key, name, name_key, time_zone, created_at, version) VALUES"
BY_ANOTHER = {
    "a segment is edited": "UPDATE segments SET description = 'other words' WHERE id = :segment",
    "a segment is deleted": "UPDATE segments SET deleted_at = now() WHERE id = :segment",
    "everybody was looked at": "UPDATE segments SET evaluated = edition WHERE id = :segment",
    "a location is opened": f"{A_LOCATION} (gen_random_uuid(), 'pier', 'Pier', 'pier', 'Asia/Tokyo', now(), 1)",
    "a location moves": "UPDATE locations SET time_zone = 'Asia/Tokyo' WHERE key = 'quay'",
    "the business moves": "INSERT INTO settings (key, value, version, changed_at)"
    " VALUES ('time_zone', '\"Asia/Tokyo\"', 2, now())",
    "a field is relabelled": "UPDATE custom_fields SET label = 'Shoes' WHERE key = 'shoe'",
    "a field is gone": "DELETE FROM custom_fields WHERE key = 'shoe'",
}


@pytest.fixture
def bare(servers: Servers) -> Iterator[Clockwork]:
    with a_clockwork(servers, now=START) as clockwork:
        yield clockwork


def a_segment(bare: Clockwork, least: int) -> str:
    with bare.work() as work:
        return defining.add_segment(work, name="Spends", description="", filter=spent(least)).id


def spent(least: int) -> dict:
    return read_group({"rules": [{"field": "lifetime_value", "operator": ">=", "value": least}]})


def as_known(bare: Clockwork) -> Segmentation:
    with bare.work() as work:
        return segmentation(work)


def elsewhere(bare: Clockwork, statement: str, **values: object) -> None:
    """What another process commits, of which this one hears nothing."""
    with bare.work() as work:
        work.session.execute(sa.text(statement), values)


@pytest.mark.requirement("C26")
def test_an_edit_by_another_process_counts_at_once(bare):
    contact, segment = new_id(), a_segment(bare, 900)
    elsewhere(bare, A_PERSON, id=contact)
    with bare.work() as work:
        work.session.execute(sa.insert(Facts).values(contact_id=contact, currency="EUR", lifetime_value=500))

    def pays():
        with bare.work() as work:
            cause = {"type": "payment.taken", "event_id": None, "time": START}
            work.record(facts_changed, contact, changes={"lifetime_value": {"before": 0, "after": 500}}, cause=cause)
        bare.hears(following.follow, bare.told(facts_changed))
        return [(told.type, told.data.segment_id) for told in bare.told(segment_entered, segment_left)]

    edited = "UPDATE segments SET filter = CAST(:filter AS jsonb), edition = edition + 1 WHERE id = :id"
    assert pays() == []
    elsewhere(bare, edited, filter=json.dumps(spent(500)), id=segment)
    assert pays() == [("segment.entered", segment)]
    elsewhere(bare, edited, filter=json.dumps(spent(501)), id=segment)
    assert pays() == [("segment.left", segment)]


@pytest.mark.requirement("C26")
@pytest.mark.parametrize("change", BY_ANOTHER.values(), ids=BY_ANOTHER)
def test_they_are_compiled_again_when_what_they_rest_on_was_changed_and_only_then(bare, change):
    segment = a_segment(bare, 900)
    elsewhere(bare, f"{A_LOCATION} (gen_random_uuid(), 'quay', 'Quay', 'quay', NULL, now(), 1)")
    elsewhere(
        bare,
        "INSERT INTO custom_fields (id, key, label, label_key, type, applies_to, version, created_at)"
        " VALUES (gen_random_uuid(), 'shoe', 'Shoe size', 'shoe size', 'number', 'person', 1, now())",
    )
    before = as_known(bare)
    bare.now += dt.timedelta(hours=1)
    assert as_known(bare) is before
    elsewhere(bare, change, **({"segment": segment} if ":segment" in change else {}))
    after = as_known(bare)
    assert after is not before
    assert as_known(bare) is after


@pytest.mark.requirement("C26")
def test_they_are_compiled_again_when_a_day_begins_in_a_zone(bare):
    a_segment(bare, 900)
    elsewhere(bare, f"{A_LOCATION} (gen_random_uuid(), 'quay', 'Quay', 'quay', 'Europe/Lisbon', now(), 1)")
    elsewhere(bare, f"{A_LOCATION} (gen_random_uuid(), 'isle', 'Isle', 'isle', 'Atlantic/Azores', now(), 1)")
    before = as_known(bare)
    bare.now = START + dt.timedelta(hours=1, minutes=29)
    assert as_known(bare) is before
    bare.now = START + dt.timedelta(hours=1, minutes=30)
    midnight = as_known(bare)
    assert midnight is not before
    bare.now = START + dt.timedelta(hours=2, minutes=30)
    assert as_known(bare) is not midnight


@pytest.mark.requirement("C25")
def test_a_built_in_segment_follows_the_settings_but_with_a_filter_of_its_own(bare):
    def changed(**asked):
        with bare.work() as work:
            id = work.session.scalar(sa.select(Segment.id).where(Segment.built_in == "vip"))
            segment = defining.change_segment(work, segments.ChangeSegment().load({"segment_id": id, **asked}))
            return segment.filter, segment.follows_settings

    def spending(least: int) -> dict:
        with bare.work() as work:
            change_settings(work, settings.ChangeSettings().load({"vip_lifetime_value": least}))
        with bare.work() as work:
            keep_built_ins(work)
        return changed()[0]["rules"][0]["value"]

    assert spending(700) == 700
    made, follows = changed(description="Those with the good chairs")
    assert follows
    assert spending(800) == 800
    assert changed(filter=spent(5)) == (spent(5), False)
    assert spending(900) == 5
    made["rules"][0]["value"] = 900
    assert changed(filter=made) == (made, True)
    assert spending(1000) == 1000


@pytest.mark.requirement("C26")
def test_what_no_segment_asks_about_waits_for_no_evaluation(bare):
    """An import tags a hundred thousand: who hears of that must not hold up whoever evaluates segments meanwhile."""
    contact = new_id()
    elsewhere(bare, A_PERSON, id=contact)
    a_segment(bare, 900)
    with bare.work() as work:
        actions.add_tags(work, {contact: ["Regular"]})
    tagged = bare.told(contact_tagged)
    with bare.work() as evaluating:
        hold_segments(evaluating)
        bare.hears(following.follow, tagged)
    regulars = read_group({"rules": [{"field": "tags", "operator": "=", "value": "Regular"}]})
    elsewhere(bare, "UPDATE segments SET filter = CAST(:filter AS jsonb)", filter=json.dumps(regulars))
    bare.hears(following.follow, tagged)
    assert [event.data.name for event in bare.told(segment_entered)] == ["Spends"]
