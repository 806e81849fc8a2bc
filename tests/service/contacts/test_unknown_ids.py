"""An id that is nobody's: in the path it is not found, in the body it is refused at its place."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, fields

from contracts.contacts import bookings, emergency, groups, people, relations, tags
from contracts.language import Id
from gateway.asked import fields_of
from gateway.permissions import placeholders
from gateway.routes import all_routes
from gateway.routes.table import MULTIPART
from tests.builders.people import a_lead
from tests.builders.sessions import a_guest, a_series, a_session, soon

HARMLESS = {
    ("remove_member", "contact_id"): "taking out who is not there changes nothing",
    ("remove_members", "/contact_ids/0"): "taking out who is not there changes nothing",
    ("start_bulk", "/selection/ids/0"): "each contact has a result of its own, this one: refused",
    ("start_export", "/selection/ids/0"): "an export has who is there when it runs",
    ("find_likely_duplicates", "/assigned_to"): "it only looks, and enters nobody",
    ("find_likely_duplicates", "/not_duplicate_of/0"): "it only looks, and enters nobody",
    ("write_batch", "/sessions/0/host_id"): "each line has a result of its own",
    ("write_batch", "/bookings/0/session_id"): "each line has a result of its own",
    ("write_batch", "/bookings/0/contact_id"): "each line has a result of its own",
}
"""Where an unknown id is no fault of the request, and why."""

ROUTES = [route for route in all_routes() if route.rpc.service == "contacts"]


def ids_in_path(route: Any) -> list[str]:
    return sorted(name for name in placeholders(route) if isinstance(fields_of(route.rpc.takes).get(name), Id))


def ids_below(schema: Schema, at: str = "") -> Iterator[str]:
    """The JSON pointers of all ids in a body of this schema."""
    for name, field in schema.load_fields.items():
        several = isinstance(field, fields.List)
        one, here = (field.inner, f"{at}/{name}/0") if several else (field, f"{at}/{name}")
        if isinstance(one, Id):
            yield here
        elif isinstance(one, fields.Nested):
            yield from ids_below(one.schema, here)


PATHS = [
    (route, name) for route in ROUTES if route.accepts != (MULTIPART,) for name in ids_in_path(route)
]  # of an upload the file is looked at first
BODIES = [
    (route, pointer)
    for route in ROUTES
    if route.has_body
    for pointer in ids_below(route.rpc.takes())
    if pointer.split("/")[1] not in placeholders(route) and (route.rpc.name, pointer) not in HARMLESS
]


@pytest.fixture(scope="module")
def known(house) -> dict[str, str]:
    ask = house.ask
    contact, lead, session = a_guest(ask), a_lead(ask)["id"], a_session(ask)["id"]
    whom = {"name": "Anne", "phones": [{"value": "+44 7700 900123"}], "consent": {"how": "said", "when": soon(days=-1)}}
    return {
        "contact_id": contact,
        "company_id": ask(people.create_contact, kind="company", enter_as="customer", name=uuid.uuid4().hex)["id"],
        "tag_id": ask(tags.create_tag, name=uuid.uuid4().hex)["id"],
        "group_id": ask(groups.create_group, name=uuid.uuid4().hex)["id"],
        "session_id": session,
        "series_id": a_series(ask)["id"],
        "booking_id": ask(bookings.book, contact_id=a_guest(ask), session_id=session)["id"],
        "emergency_contact_id": ask(emergency.add_emergency_contact, contact_id=contact, **whom)["id"],
        "system": uuid.uuid4().hex,
        "external_id": uuid.uuid4().hex,
        "tag": "x",
        "value": "x",
        "lead_id": lead,
        "relation_id": ask(relations.add_relation, contact_id=contact, related_id=lead, kind="family")["id"],
    }


def a_body(name: str, known: dict[str, str]) -> dict[str, Any]:
    """What else a request needs to make sense."""
    plan = {"kind": "class", "title": "Yoga", "capacity": 3}
    planned = plan | {"starts_at": soon(days=9), "ends_at": soon(days=10)}
    consent = {"how": "said", "when": soon(days=-1)}
    return {
        "create_contact": {"first_name": "Ada", "enter_as": "customer"},
        "add_note": {"text": "x"},
        "add_tag": {"tag": "x"},
        "add_external_id": {"system": "x", "value": "1"},
        "rename_tag": {"name": "x"},
        "merge_tags": {"into": known["tag_id"]},
        "add_members": {"contact_ids": [known["contact_id"]]},
        "remove_members": {"contact_ids": [known["contact_id"]]},
        "set_club_access": {"locations": []},
        "add_company_of_person": {"company_id": known["company_id"]},
        "add_person_of_company": {"contact_id": known["contact_id"]},
        "add_relation": {"kind": "friend", "related_id": known["lead_id"]},
        "add_emergency_contact": {"name": "A", "phones": [{"value": "+44 7700 900124"}], "consent": consent},
        "change_emergency_contact": {"consent": consent},
        "remove_emergency_contact": consent,
        "change_preferences": {"preferred_contact_method": "email"},
        "create_session": planned,
        "create_series": plan | {"starts": soon(days=9)[:19], "duration_minutes": 60, "rule": "FREQ=DAILY;COUNT=2"},
        "book": {"contact_id": known["contact_id"], "session_id": known["session_id"]},
        "book_group": {"contact_ids": [known["contact_id"]]},
        "reschedule_booking": {"session_id": known["session_id"]},
        "put_session": planned,
        "put_booking": {"contact_id": known["contact_id"], "session_id": known["session_id"]},
    }.get(name, {})


def asked(api, route: Any, known: dict[str, str], body: dict[str, Any], **path: str) -> Any:
    rule = route.path.replace("<path:", "<")
    for name in placeholders(route):
        rule = rule.replace(f"<{name}>", path.get(name) or known[name])
    query = {"channel": "email", "purpose": "marketing"} if route.rpc.name == "may_send" else {}
    return api.request(route.method, rule, params=query, **({"json": body} if route.has_body else {}))


@pytest.mark.parametrize(("route", "name"), PATHS, ids=[f"{route.rpc.name} {name}" for route, name in PATHS])
@pytest.mark.requirement("G06")
def test_an_unknown_id_in_the_path_is_not_found(api, known, route, name):
    answer = asked(api, route, known, a_body(route.rpc.name, known), **{name: str(uuid.uuid4())})
    expected = 200 if (route.rpc.name, name) in HARMLESS else 404
    assert answer.status_code == expected, answer.text


@pytest.mark.parametrize(("route", "pointer"), BODIES, ids=[f"{route.rpc.name} {at}" for route, at in BODIES])
@pytest.mark.requirement("G06")
def test_an_unknown_id_in_the_body_is_refused_at_its_place(api, known, route, pointer):
    name = route.rpc.name
    body = a_body(name, known)
    place(body, pointer.split("/")[1:], str(uuid.uuid4()))
    for instead, of in (("person", "related_id"), ("group_id", "contact_ids")):
        if pointer.startswith(f"/{instead}"):
            body.pop(of, None)
    if pointer == "/person/not_duplicate_of/0":
        body["person"] |= {"first_name": "Ada"}
    answer = asked(api, route, known, body)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def place(body: Any, steps: list[str], value: str) -> None:
    """Put a value where a JSON pointer says, making what is missing on the way."""
    step, *rest = steps
    if not rest:
        body[step] = value
    elif rest == ["0"]:
        body[step] = [value]
    else:
        place(body.setdefault(step, {}), rest, value)
