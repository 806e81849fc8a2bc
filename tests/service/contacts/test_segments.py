"""Segments through the door: defined, followed, left, with events that say why."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from contracts.contacts import finding, people, segments, tags
from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.jobs import get_job
from tests.builders.people import a_lead


def rule(field, operator, value=None):
    return {"field": field, "operator": operator, "value": value}


def where(*rules, **group):
    return {"rules": list(rules), **group}


@pytest.fixture
def a_segment(ask, someone, eventually):
    """`a_segment(rule, …)`: a segment of our own, evaluated."""

    def make(*rules, name=None):
        made = ask(segments.create_segment, name=name or f"Segment {someone}", filter=where(*rules))
        return ready(ask, eventually, made["id"])

    return make


def ready(ask, eventually, segment_id):
    return eventually(
        lambda: ask(segments.get_segment, segment_id=segment_id), lambda found: found["state"] == "ready"
    )  # fmt: skip


def members(ask, segment_id):
    return [member["contact_id"] for member in ask(segments.list_segment_members, segment_id=segment_id)["items"]]


def passage(listener, kind, contact_id, segment_id):
    """The event of this contact and this segment; the built-in ones have theirs too."""
    for count in itertools.count(1):
        told = listener.wait_for(kind, subject=contact_id, count=count)
        if told.data["segment_id"] == segment_id:
            return told.data["cause"]
    return None


@pytest.mark.requirement("C24", "C26")
def test_who_matches_already_enters_when_a_segment_is_defined(ask, a_segment, someone, subscriber):
    here, _elsewhere = a_lead(ask, source=someone), a_lead(ask, source="elsewhere")
    listener = subscriber("contacts.events", "segment.#")
    segment = a_segment(rule("source", "=", someone))
    assert members(ask, segment["id"]) == [here["id"]]
    words = passage(listener, "segment.entered", here["id"], segment["id"])["words"]
    assert words in ("the segment was defined", "Entered as lead (by hand)")  # whichever is heard of first


@pytest.mark.requirement("C26", "C21")
def test_members_follow_what_happens_with_the_cause(ask, a_segment, someone, subscriber):
    segment = a_segment(rule("tags", "=", f"tag {someone}"), rule("source", "=", someone))
    listener = subscriber("contacts.events", "segment.#")
    lead = a_lead(ask, source=someone)
    ask(tags.add_tag, contact_id=lead["id"], tag=f"Tag {someone}")
    passage(listener, "segment.entered", lead["id"], segment["id"])  # for whatever was heard first of the new lead
    ask(tags.remove_tag, contact_id=lead["id"], tag=f"Tag {someone}")
    passage(listener, "segment.left", lead["id"], segment["id"])
    listener.heard.clear()
    ask(tags.add_tag, contact_id=lead["id"], tag=f"Tag {someone}")
    entered = passage(listener, "segment.entered", lead["id"], segment["id"])
    assert entered["type"] == "contact.tagged"
    assert entered["words"] == f"Tagged “Tag {someone}”"
    of_contact = ask(segments.list_segments_of_contact, contact_id=lead["id"])["items"]
    assert segment["id"] in [one["segment_id"] for one in of_contact]
    ask(people.change_contact, contact_id=lead["id"], source="Website")
    left = passage(listener, "segment.left", lead["id"], segment["id"])
    assert left["words"] == f"Contact changed: Lead source {someone} → Website"
    assert members(ask, segment["id"]) == []


@pytest.mark.requirement("C24")
def test_another_filter_lets_enter_and_leave(ask, a_segment, someone, eventually):
    one, other = a_lead(ask, source=someone), a_lead(ask, source=someone, industry=someone)
    segment = a_segment(rule("source", "=", someone))
    assert sorted(members(ask, segment["id"])) == sorted([one["id"], other["id"]])
    narrower = where(rule("industry", "null"), rule("source", "=", someone))
    version = segment["version"]
    changed = ask(segments.change_segment, segment_id=segment["id"], filter=narrower, expected_version=version)
    assert changed["state"] == "evaluating"
    ready(ask, eventually, segment["id"])
    assert members(ask, segment["id"]) == [one["id"]]
    with pytest.raises(Stale):
        ask(segments.change_segment, segment_id=segment["id"], name="x", expected_version=version)


@pytest.mark.requirement("C24")
def test_a_deleted_segment_is_gone_and_its_members_have_left(ask, a_segment, someone, subscriber):
    lead = a_lead(ask, source=someone)
    segment = a_segment(rule("source", "=", someone))
    listener = subscriber("contacts.events", "segment.#")
    ask(segments.delete_segment, segment_id=segment["id"])
    assert passage(listener, "segment.left", lead["id"], segment["id"])["words"] == "the segment was deleted"
    with pytest.raises(NotFound):
        ask(segments.get_segment, segment_id=segment["id"])
    assert segment["id"] not in [
        one["segment_id"] for one in ask(segments.list_segments_of_contact, contact_id=lead["id"])["items"]
    ]
    ask(segments.create_segment, name=segment["name"], filter=where(rule("source", "=", someone)))


@pytest.mark.requirement("C25")
def test_every_business_has_five_segments_and_may_edit_them(ask, someone, eventually):
    def built_in():
        return {one["built_in"]: one for one in ask(segments.list_segments, built_in=True)["items"]}

    there = eventually(built_in, lambda found: len(found) == len(segments.BUILT_IN))
    assert {key: one["name"] for key, one in there.items()} == {
        "vip": "VIP", "at_risk": "At risk", "new": "New", "recurring": "Recurring", "one_time": "One-time",
    }  # fmt: skip
    new = ready(ask, eventually, there["new"]["id"])
    assert new["passes_with_time"]
    lead = a_lead(ask)
    eventually(
        lambda: ask(segments.list_segments_of_contact, contact_id=lead["id"])["items"],
        lambda found: "new" in [one["built_in"] for one in found],
    )
    edited = ask(segments.change_segment, segment_id=there["one_time"]["id"], description=someone)
    assert edited["description"] == someone


@pytest.mark.requirement("C24")
def test_a_preview_counts_and_keeps_nothing(ask, someone):
    lead = a_lead(ask, source=someone)
    before = len(ask(segments.list_segments, limit=200)["items"])
    found = ask(segments.preview_segment, filter=where(rule("source", "=", someone)))
    assert found["total"] == 1
    assert [one["contact_id"] for one in found["sample"]] == [lead["id"]]
    assert len(ask(segments.list_segments, limit=200)["items"]) == before


@pytest.mark.requirement("C23", "C24")
def test_lists_and_filters_may_ask_who_is_in_a_segment_but_segments_may_not(ask, a_segment, someone):
    lead, other = a_lead(ask, source=someone), a_lead(ask, source=someone, gender="male")
    a_segment(rule("gender", "=", "male"), rule("source", "=", someone))
    in_it, of_both = rule("segments", "=", f"Segment {someone}"), rule("source", "=", someone)
    assert [one["id"] for one in ask(finding.search_contacts, filter=where(in_it, of_both))["items"]] == [other["id"]]
    others = where(of_both, rule("segments", "!=", f"Segment {someone}"))
    assert [one["id"] for one in ask(finding.search_contacts, filter=others)["items"]] == [lead["id"]]
    with pytest.raises(Invalid) as refused:
        ask(segments.create_segment, name=f"On {someone}", filter=where(in_it))
    assert [error["pointer"] for error in refused.value.errors] == ["/filter/rules/0/field"]


@pytest.mark.requirement("G06")
def test_what_is_wrong_with_a_segment_is_said_at_its_place(ask, a_segment, someone):
    taken = a_segment(rule("source", "=", someone))
    with pytest.raises(Conflict) as refused:
        ask(segments.create_segment, name=taken["name"].upper(), filter=where())
    assert [error["pointer"] for error in refused.value.errors] == ["/name"]
    with pytest.raises(Invalid) as refused:
        ask(segments.change_segment, segment_id=taken["id"], filter=where(rule("age", "=", "x")))
    assert [error["pointer"] for error in refused.value.errors] == ["/filter/rules/0/value"]
    with pytest.raises(NotFound):
        ask(segments.get_segment, segment_id=taken["job_id"] or "00000000-0000-7000-8000-000000000009")


@pytest.mark.requirement("C26")
def test_looking_again_finds_everybody_where_they_are(ask, a_segment, someone, eventually):
    a_lead(ask, source=someone)
    segment = a_segment(rule("source", "=", someone))
    job_id = ask(segments.reevaluate_segment, segment_id=segment["id"])["job_id"]
    job = eventually(lambda: ask(get_job["contacts"], job_id=job_id), lambda job: job["state"] == "done")
    assert job["result"] == {"entered": 0, "left": 0}


@pytest.mark.requirement("C21")
def test_system_tags_come_and_go_by_their_rule(ask, eventually):
    def worn():
        return [tag["name"] for tag in ask(tags.list_tags, contact_id=lead["id"])["items"] if tag["system"]]

    lead = a_lead(ask, birthday=f"1990-{dt.datetime.now(dt.UTC):%m}-15")
    eventually(worn, lambda found: {"new-lead", "birthday-month"} <= set(found))
    ask(people.change_contact, contact_id=lead["id"], lead_status="contacted", birthday=None)
    eventually(worn, lambda found: found == [])
    with pytest.raises(Conflict):
        ask(tags.add_tag, contact_id=lead["id"], tag="new-lead")
