"""Templates through the door."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from contracts.notifications import templates
from tests.service.notifications.letters import WELCOME

pytestmark = pytest.mark.requirement("N04")
Ask = Callable[..., Any]


def a_template(ask: Ask, **told: Any) -> dict[str, Any]:
    made: dict[str, Any] = ask(
        templates.create_message_template, **{"name": new_id(), "subject": "Hello", "body_text": "Hi"} | told
    )
    return made


def test_a_new_installation_can_welcome_people(ask: Ask) -> None:
    welcome = ask(templates.get_message_template, template_id=WELCOME)
    assert (welcome["name"], welcome["channel"], welcome["version"]) == ("Welcome", "email", 1)
    assert ask(templates.preview_message, template_id=WELCOME)["body_text"].startswith("Hello Ada,")


@pytest.mark.requirement("G06")
def test_every_change_makes_a_new_version_and_what_was_said_before_stays(ask: Ask) -> None:
    template = a_template(ask, body_html="<p>Hi</p>")
    ask(templates.change_message_template, template_id=template["id"], purpose="marketing")
    ask(templates.change_message_template, template_id=template["id"], body_text="Hi")
    changed = ask(templates.change_message_template, template_id=template["id"], body_text="Ho", body_html=None)
    assert (changed["version"], changed["purpose"], changed["body_html"]) == (3, "marketing", None)
    versions = ask(templates.list_template_versions, template_id=template["id"])["items"]
    words = [(version["version"], version["body_text"], version["body_html"]) for version in versions]
    assert words == [(3, "Ho", None), (2, "Hi", "<p>Hi</p>"), (1, "Hi", "<p>Hi</p>")]
    assert versions[0]["written_by"] == "Olive Owner"
    with pytest.raises(Stale):
        ask(templates.change_message_template, template_id=template["id"], body_text="Late", expected_version=2)
    last = ask(templates.change_message_template, template_id=template["id"], name=new_id(), expected_version=3)
    assert (last["version"], last["body_text"]) == (4, "Ho")


def test_templates_are_listed_in_pages_by_name_and_filtered(ask: Ask) -> None:
    prefix = new_id()
    for n in range(3):
        a_template(ask, name=f"{prefix} {n}", purpose="marketing")
    seen, cursor = [], {}
    while True:
        page = ask(templates.list_message_templates, limit=2, purpose="marketing", **cursor)
        seen += [item["name"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [name for name in seen if name.startswith(prefix)] == [f"{prefix} {n}" for n in range(3)]
    assert "Welcome" not in seen


def test_a_preview_shows_what_the_contact_would_get(ask: Ask, a_contact: Ask) -> None:
    template = a_template(ask, body_text="Hi {{ contact.first_name }}, {{ sender.name }}")
    contact = a_contact(first_name="Zoë")
    preview = ask(templates.preview_message, template_id=template["id"], contact_id=contact["contact_id"])
    assert (preview["body_text"], preview["recipient"]) == ("Hi Zoë, Olive Owner", contact["email"])
    nameless = a_contact(first_name=None)
    with pytest.raises(Invalid) as refusal:
        ask(templates.preview_message, template_id=template["id"], contact_id=nameless["contact_id"])
    assert refusal.value.errors[0]["pointer"] == "/body_text"


def test_a_name_is_used_once_a_channel_also_by_two_at_once(ask: Ask) -> None:
    name = new_id()

    def write(spelled: str) -> str:
        try:
            return a_template(ask, name=spelled)["name"]
        except Conflict as refusal:
            return refusal.errors[0]["pointer"]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(write, [name, name.upper(), f" {name} ", name]))
    assert sorted(answer == "/name" for answer in answers) == [False, True, True, True]
    assert a_template(ask, name=name, channel="sms", subject="")["channel"] == "sms"


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"subject": ""}, "/subject"),
        ({"name": "  "}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "a\x00"}, "/name"),
        ({"body_text": ""}, "/body_text"),
        ({"body_text": "{{ nobody.knows }}"}, "/body_text"),
        ({"body_text": "x" * 100_001}, "/body_text"),
        ({"body_html": "{% for x in y %}"}, "/body_html"),
        ({"channel": "sms", "body_html": "<b>"}, "/body_html"),
        ({"channel": "pigeon"}, "/channel"),
        ({"purpose": "spam"}, "/purpose"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_template_that_could_not_be_sent_is_refused_at_its_place(ask: Ask, told: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        a_template(ask, **told)
    assert pointer in [error["pointer"] for error in refusal.value.errors]


def test_a_change_that_would_break_a_template_is_refused(ask: Ask) -> None:
    template = a_template(ask)
    with pytest.raises(Invalid):
        ask(templates.change_message_template, template_id=template["id"], subject="")
    with pytest.raises(Invalid):
        ask(templates.change_message_template, template_id=template["id"], body_text="{{ x }}")
    with pytest.raises(Conflict):
        ask(templates.change_message_template, template_id=template["id"], name="welcome")
    assert ask(templates.get_message_template, template_id=template["id"])["version"] == 1


def test_what_is_not_there_is_not_found(ask: Ask) -> None:
    for rpc in (
        templates.get_message_template, templates.change_message_template,
        templates.list_template_versions, templates.preview_message,
    ):  # fmt: skip
        with pytest.raises(NotFound):
            ask(rpc, template_id=new_id())


def test_only_who_manages_messages_writes_templates(ask: Ask) -> None:
    with pytest.raises(Forbidden):
        a_template(ask, actor="sales")
