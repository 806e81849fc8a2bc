"""Whoever may read a thing that is managed reads who changed what of it, also when it is gone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from contracts.contacts import (
    custom_fields,
    groups,
    histories,
    import_mappings,
    locations,
    people,
    segments,
    sessions,
    settings,
    tags,
    team,
    timeline,
)
from contracts.errors import Forbidden, NotFound
from services.contacts.timeline.rules import SINGLE_ID
from tests.builders.people import a_colleague
from tests.builders.sessions import a_series, a_session
from tests.builders.waiting import eventually
from tests.service.contacts.importing_files import imported, table


def a_location(house: Any) -> Any:
    made = house.ask(locations.create_location, name=(word := uuid.uuid4().hex), time_zone="Europe/Warsaw")
    house.ask(locations.change_location, location_id=made["id"], archived=True)
    yield made["id"], locations.change_location, {"time_zone": None, "name": word}
    yield {"time_zone": {"before": "Europe/Warsaw", "after": None}}, 3


def a_custom_field(house: Any) -> Any:
    made = house.ask(custom_fields.create_custom_field, label=uuid.uuid4().hex, type="choice", choices=["a"])
    house.ask(custom_fields.change_custom_field, custom_field_id=made["id"], archived=True)
    yield made["id"], custom_fields.change_custom_field, {"choices": ["a", "b"]}
    yield {"choices": {"before": ["a"], "after": ["a", "b"]}}, 3


def a_tag(house: Any) -> Any:
    made = house.ask(tags.create_tag, name=(before := uuid.uuid4().hex))
    yield made["id"], tags.rename_tag, {"name": (after := uuid.uuid4().hex)}
    yield {"name": {"before": before, "after": after}}, 2


def a_group(house: Any) -> Any:
    made = house.ask(groups.create_group, name=uuid.uuid4().hex)
    yield made["id"], groups.change_group, {"description": "all"}
    yield {"description": {"before": "", "after": "all"}}, 2


def a_segment(house: Any) -> Any:
    nobody, no_one = ({"rules": [{"field": "tags", "operator": "in", "value": [uuid.uuid4().hex]}]} for _ in "ab")
    made = house.ask(segments.create_segment, name=uuid.uuid4().hex, filter=nobody)
    yield made["id"], segments.change_segment, {"description": "none", "filter": no_one}
    changed = house.ask(segments.get_segment, segment_id=made["id"])["filter"]
    yield {"description": {"before": "", "after": "none"}, "filter": {"before": made["filter"], "after": changed}}, 2


def a_team_member(house: Any) -> Any:
    made = a_colleague(house.ask, role="staff")
    yield made["id"], team.change_team_member, {"role": "sales"}
    yield {"role": {"before": "staff", "after": "sales"}}, 2


def a_planned_session(house: Any) -> Any:
    made = a_session(house.ask, places=3)
    yield made["id"], sessions.change_session, {"capacity": 4}
    yield {"capacity": {"before": 3, "after": 4}}, 2


def a_series_of_sessions(house: Any) -> Any:
    made = a_series(house.ask, capacity=3)
    yield made["id"], sessions.change_series, {"capacity": 4, "starts": f"{made['starts'][:10]}T18:00:00"}
    times = {"before": made["starts"], "after": f"{made['starts'][:10]}T18:00:00"}
    yield {"capacity": {"before": 3, "after": 4}, "starts": times}, 2


def an_import_mapping(house: Any) -> Any:
    header = [word := uuid.uuid4().hex, "Wo"]
    content = table(header, ["Ada", f"{word}@example.org"])
    mapped = {word: "full_name", "Wo": "email"}
    for mapping in (mapped, mapped | {word: "note"}):
        imported(house, content, mapping=mapping)
    kept = next(one for one in house.ask(import_mappings.list_import_mappings)["items"] if word in one["headers"])
    yield kept["id"], import_mappings.change_import_mapping, {"name": "Old system"}
    yield {"name": {"before": "people.csv", "after": "Old system"}}, 3


THINGS = [
    a_location, a_custom_field, a_tag, a_group, a_segment, a_team_member, a_planned_session, a_series_of_sessions,
    an_import_mapping,
]  # fmt: skip
DELETED = {
    a_tag: tags.delete_tag,
    a_group: groups.delete_group,
    a_segment: segments.delete_segment,
    an_import_mapping: import_mappings.forget_import_mapping,
}


@pytest.mark.parametrize("make", THINGS, ids=lambda make: make.__name__)
@pytest.mark.requirement("G08", "G09", "G10", "C11", "C21", "C22", "C24", "C32")
def test_a_thing_tells_who_changed_what_of_it_before_and_after(house, ask, make):
    steps = make(house)
    thing_id, change, wanted = next(steps)
    [named] = [name for name, field in change.takes().fields.items() if field.required and name.endswith("_id")]
    ask(change, **{named: thing_id}, **wanted)
    changes, many = next(steps)
    [thing] = [thing for thing, name in histories.MANAGED.items() if name == named]
    read = getattr(histories, f"list_{thing}_history")
    told = eventually(lambda: (found := ask(read, **{named: thing_id})["items"])[many - 1 :] and found)
    assert (len(told), told[0]["changes"], told[0]["actor"]["role"]) == (many, changes, "owner")
    assert told[-1]["changes"] == {}
    assert {one["data"][named] for one in told} == {thing_id}

    assert ask(read, **{named: thing_id}, sort="oldest")["items"] == told[::-1]
    first = ask(read, **{named: thing_id}, limit=1)
    rest = ask(read, **{named: thing_id}, cursor=first["next"])
    assert first["items"] + rest["items"] == told
    moment = told[0]["happened_at"]
    assert told[0] in ask(read, **{named: thing_id}, since=moment)["items"]
    assert told[0] not in ask(read, **{named: thing_id}, until=moment)["items"]
    with pytest.raises(Forbidden):
        ask(read, **{named: thing_id}, actor="member")
    with pytest.raises(NotFound):
        ask(read, **{named: str(uuid.uuid4())})
    if make in DELETED:
        ask(DELETED[make], **{named: thing_id})
        assert eventually(lambda: (found := ask(read, **{named: thing_id})["items"])[many:] and found)[1:] == told


@pytest.mark.requirement("G08", "G10")
def test_the_settings_tell_who_changed_what(ask):
    before = ask(settings.get_settings)["follow_up_window_days"]
    ask(settings.change_settings, follow_up_window_days=before + 1)
    ask(settings.change_settings, follow_up_window_days=before)
    back = {"follow_up_window_days": {"before": before + 1, "after": before}}
    eventually(lambda: [one for one in ask(histories.list_settings_history)["items"] if one["changes"] == back])


@pytest.mark.requirement("C25", "G08")
def test_what_nobody_made_and_nobody_changed_has_an_empty_history(ask):
    [tag] = [tag for tag in ask(tags.list_tags, q="birthday-month")["items"] if tag["system"]]
    assert ask(histories.list_tag_history, tag_id=tag["id"]) == {"items": [], "next": None}


@pytest.mark.requirement("G05", "G08")
def test_the_id_of_something_else_opens_no_history(ask):
    """A timeline and the histories are kept side by side, and not everybody may read all of them."""
    ada = ask(people.create_contact, kind="person", enter_as="customer", first_name="Ada")["id"]
    group = ask(groups.create_group, name=uuid.uuid4().hex)["id"]
    eventually(lambda: ask(timeline.get_timeline, contact_id=ada)["items"])
    eventually(lambda: ask(histories.list_group_history, group_id=group)["items"])
    ask(groups.add_members, group_id=group, contact_ids=[ada])
    eventually(lambda: ask(timeline.get_timeline, contact_id=ada, type="group")["items"])
    for other in (ada, group, SINGLE_ID):
        with pytest.raises(NotFound):
            ask(histories.list_location_history, location_id=other)
    with pytest.raises(NotFound):
        ask(histories.list_group_history, group_id=ada)
