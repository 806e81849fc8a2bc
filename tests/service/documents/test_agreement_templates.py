"""Templates are written in versions that stay."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.documents import templates
from contracts.errors import Forbidden, Invalid, NotFound, Stale
from tests.builders.at_once import at_once
from tests.house.living import LivingHouse

Ask = Callable[..., Any]


@pytest.mark.requirement("D01")
def test_a_new_installation_has_a_liability_waiver(ask: Ask) -> None:
    found, cursor = [], None
    while True:
        page = ask(templates.list_templates, kind="waiver", limit=200, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    (waiver,) = [item for item in found if item["title"] == "Liability waiver"]
    assert "{{contact.display_name}}" in ask(templates.get_template, template_id=waiver["id"])["body"]


@pytest.mark.requirement("D01")
def test_a_change_makes_a_version_and_keeps_the_one_before(ask: Ask, a_template: Callable[..., str]) -> None:
    template_id = a_template(body="First {{today}}", title="Old")
    changed = ask(templates.change_template, template_id=template_id, body="Second {{today}}")
    assert (changed["version"], changed["title"], changed["body"]) == (2, "Old", "Second {{today}}")
    assert ask(templates.get_template, template_id=template_id)["body"] == "Second {{today}}"
    assert ask(templates.get_template, template_id=template_id, version=1)["body"] == "First {{today}}"


def test_changing_nothing_makes_no_version(ask: Ask, a_template: Callable[..., str]) -> None:
    template_id = a_template(body="Same", title="Same")
    assert ask(templates.change_template, template_id=template_id, body="Same")["version"] == 1
    assert ask(templates.change_template, template_id=template_id)["version"] == 1


def test_a_change_of_what_was_changed_meanwhile_is_refused(ask: Ask, a_template: Callable[..., str]) -> None:
    template_id = a_template()
    ask(templates.change_template, template_id=template_id, title="Second", expected_version=1)
    with pytest.raises(Stale):
        ask(templates.change_template, template_id=template_id, title="Third", expected_version=1)


def test_changes_at_once_come_one_after_another(ask: Ask, a_template: Callable[..., str]) -> None:
    change = partial(ask, templates.change_template, template_id=a_template())
    changed = at_once([partial(change, title=f"Waiver {n}") for n in range(6)])
    assert sorted(each["version"] for each in changed) == [2, 3, 4, 5, 6, 7]
    assert len({each["title"] for each in changed}) == 6


@pytest.mark.requirement("D01")
def test_the_database_itself_refuses_to_change_a_version(
    documents: LivingHouse, a_template: Callable[..., str]
) -> None:
    template_id = a_template()
    for attack in ("UPDATE template_versions SET body = 'x' WHERE template_id = :id",
                   "DELETE FROM template_versions WHERE template_id = :id"):  # fmt: skip
        with pytest.raises(sa.exc.IntegrityError), documents.database("documents").begin() as connection:
            connection.execute(sa.text(attack), {"id": template_id})


def test_a_bad_body_is_refused_with_its_line_when_made_and_when_changed(
    ask: Ask, a_template: Callable[..., str]
) -> None:
    template_id = a_template()
    for rpc, named in (
        (templates.create_template, {"kind": "terms", "title": "Bad"}),
        (templates.change_template, {"template_id": template_id}),
    ):
        with pytest.raises(Invalid) as refusal:
            ask(rpc, **named, body="fine\n{{contact.iban}}")
        assert refusal.value.errors[0]["pointer"] == "/body"
        assert "Line 2" in refusal.value.errors[0]["detail"]
    assert ask(templates.get_template, template_id=template_id)["version"] == 1


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        ({}, "/kind"),
        ({"kind": "poem", "title": "a", "body": "b"}, "/kind"),
        ({"kind": "waiver", "title": "", "body": "b"}, "/title"),
        ({"kind": "waiver", "title": "x" * 201, "body": "b"}, "/title"),
        ({"kind": "waiver", "title": "two\nlines", "body": "b"}, "/title"),
        ({"kind": "waiver", "title": "a", "body": " \n "}, "/body"),
        ({"kind": "waiver", "title": "a", "body": "a\0b"}, "/body"),
        ({"kind": "waiver", "title": "a", "body": None}, "/body"),
        ({"kind": "waiver", "title": "a", "body": "x" * 100_001}, "/body"),
        ({"kind": "waiver", "title": 7, "body": "b"}, "/title"),
        ({"kind": "waiver", "title": "a", "body": "b", "version": 3}, "/version"),
    ],
)
def test_what_makes_no_template_is_refused_at_its_field(ask: Ask, request_: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(templates.create_template, **request_)
    assert pointer in [fault["pointer"] for fault in refusal.value.errors]


def test_unknown_templates_and_versions_are_not_found(ask: Ask, a_template: Callable[..., str]) -> None:
    template_id = a_template()
    for request_ in ({"template_id": new_id()}, {"template_id": template_id, "version": 2}):
        with pytest.raises(NotFound):
            ask(templates.get_template, **request_)
    for request_ in ({"template_id": "7"}, {"template_id": template_id, "version": 2**31}, {"template_id": None}):
        with pytest.raises(Invalid):
            ask(templates.get_template, **request_)
    with pytest.raises(NotFound):
        ask(templates.change_template, template_id=new_id(), title="x")


def test_only_who_may_write_templates_does(ask: Ask, a_template: Callable[..., str]) -> None:
    template_id = a_template()
    for role in ("sales", "staff", "practitioner", "member"):
        with pytest.raises(Forbidden):
            ask(templates.change_template, actor=role, template_id=template_id, title="Mine")
