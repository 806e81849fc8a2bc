"""Forms are asked in versions, and answers stay with the version that they answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.documents import forms
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.builders.at_once import at_once
from tests.house.living import LivingHouse

Ask = Callable[..., Any]
GOAL = {"key": "goal", "label": "What for?", "type": "text", "required": True}
DAY = {"key": "until", "label": "Until when?", "type": "date"}


@pytest.fixture
def a_form(ask: Ask) -> Callable[..., dict[str, Any]]:
    def made(**told: Any) -> dict[str, Any]:
        return ask(
            forms.create_form, **({"kind": "questionnaire", "title": "First visit", "questions": [GOAL, DAY]} | told)
        )

    return made


@pytest.fixture
def filled(ask: Ask, a_form: Callable[..., dict[str, Any]], a_contact: Callable[..., str]) -> dict[str, Any]:
    return ask(forms.fill_form, contact_id=a_contact(), form_id=a_form()["id"], answers={"goal": "Run"})


def every(ask: Ask, rpc: Any, **request: Any) -> list[dict[str, Any]]:
    found, page = [], ask(rpc, limit=1, **request)
    while page["next"]:
        found += page["items"]
        page = ask(rpc, limit=1, cursor=page["next"], **request)
    return found + page["items"]


@pytest.mark.requirement("D03")
def test_a_new_version_of_a_form_changes_no_answer_that_was_given_before(
    ask: Ask, filled: dict[str, Any], a_contact: Callable[..., str]
) -> None:
    form_id = filled["form_id"]
    why = {"key": "why", "label": "Why?", "type": "text", "required": True}
    second = ask(forms.change_form, form_id=form_id, title="Second visit", questions=[why])
    assert (second["version"], ask(forms.get_form, form_id=form_id, version=1)["questions"][0]["key"]) == (2, "goal")
    assert ask(forms.get_filled_form, filled_form_id=filled["id"]) == filled
    changed = ask(forms.change_filled_form, filled_form_id=filled["id"], answers={"until": "2027-01-31"})
    assert (changed["form_version"], changed["answers"]) == (1, {"goal": "Run", "until": "2027-01-31"})
    fresh = ask(forms.fill_form, contact_id=a_contact(), form_id=form_id, answers={"why": "Health"})
    assert (fresh["form_version"], fresh["title"]) == (2, "Second visit")
    assert [one["title"] for one in every(ask, forms.list_form_versions, form_id=form_id)] == [
        "Second visit", "First visit",
    ]  # fmt: skip


def test_changes_at_once_come_one_after_another(ask: Ask, a_form: Callable[..., dict[str, Any]]) -> None:
    change = partial(ask, forms.change_form, form_id=a_form()["id"])
    changed = at_once([partial(change, title=f"Visit {n}") for n in range(6)])
    assert sorted(each["version"] for each in changed) == [2, 3, 4, 5, 6, 7]
    assert len({each["title"] for each in changed}) == 6


@pytest.mark.requirement("D03")
def test_earlier_answers_are_kept_and_each_change_is_told(
    ask: Ask, documents: LivingHouse, filled: dict[str, Any]
) -> None:
    listener = documents.subscriber("documents.events", "form.#")
    try:
        changed = ask(forms.change_filled_form, filled_form_id=filled["id"], answers={"goal": "Swim"})
        assert ask(forms.change_filled_form, filled_form_id=filled["id"], answers={"goal": "Swim"}) == changed
        told = listener.wait_for("form.answers_changed", subject=filled["contact_id"]).data
        assert (told["filled_form_id"], told["version"], told["complete"]) == (filled["id"], 2, True)
        assert "Swim" not in str(told)
    finally:
        listener.close()
    then = ask(forms.get_filled_form, filled_form_id=filled["id"], version=1)
    assert (then["answers"], then["version"]) == ({"goal": "Run"}, 1)
    versions = every(ask, forms.list_filled_form_versions, filled_form_id=filled["id"])
    assert [one["answers"]["goal"] for one in versions] == ["Swim", "Run"]


@pytest.mark.requirement("D03")
def test_the_database_itself_refuses_to_change_what_was_asked_and_answered(
    documents: LivingHouse, filled: dict[str, Any]
) -> None:
    for attack in ("UPDATE form_versions SET questions = '[]' WHERE form_id = :form_id",
                   "DELETE FROM form_versions WHERE form_id = :form_id",
                   "UPDATE filled_form_versions SET answers = '{}' WHERE filled_form_id = :id"):  # fmt: skip
        with pytest.raises(sa.exc.IntegrityError), documents.database("documents").begin() as connection:
            connection.execute(sa.text(attack), filled)


@pytest.mark.requirement("D03")
def test_a_draft_names_what_it_lacks_and_what_is_no_draft_is_refused_for_it(
    ask: Ask, a_form: Callable[..., dict[str, Any]], a_contact: Callable[..., str]
) -> None:
    whose = {"contact_id": a_contact(), "form_id": a_form()["id"]}
    with pytest.raises(Invalid) as refusal:
        ask(forms.fill_form, **whose, answers={})
    assert [fault["pointer"] for fault in refusal.value.errors] == ["/answers/goal"]
    draft = ask(forms.fill_form, **whose, answers={}, draft=True)
    assert [lack["pointer"] for lack in draft["lacks"]] == ["/answers/goal"]
    assert ask(forms.change_filled_form, filled_form_id=draft["id"], answers={"goal": "Run"})["lacks"] == []


@pytest.mark.requirement("D03")
def test_put_under_an_id_of_the_callers_the_same_answers_change_nothing_and_others_replace_all(
    ask: Ask, a_form: Callable[..., dict[str, Any]], a_contact: Callable[..., str]
) -> None:
    put = {"filled_form_id": new_id(), "contact_id": a_contact(), "form_id": a_form()["id"]}
    first = ask(forms.put_filled_form, **put, answers={"goal": "Run", "until": "2027-01-31"})
    assert ask(forms.put_filled_form, **put, answers={"goal": "Run", "until": "2027-01-31"}) == first
    second = ask(forms.put_filled_form, **put, answers={"goal": "Swim"})
    assert (second["answers"], second["version"]) == ({"goal": "Swim"}, 2)
    with pytest.raises(Stale):
        ask(forms.put_filled_form, **put, answers={"goal": "Ski"}, expected_version=1)
    with pytest.raises(Conflict):
        ask(forms.put_filled_form, **put | {"contact_id": a_contact()}, answers={"goal": "Run"})


@pytest.mark.requirement("D03")
def test_an_archived_form_leaves_the_list_keeps_its_answers_and_takes_no_new_ones(
    ask: Ask, filled: dict[str, Any], a_contact: Callable[..., str]
) -> None:
    form_id = filled["form_id"]
    ask(forms.change_form, form_id=form_id, archived=True)
    assert form_id not in {form["id"] for form in every(ask, forms.list_forms, kind="questionnaire")}
    assert form_id in {form["id"] for form in every(ask, forms.list_forms, archived=True)}
    with pytest.raises(Invalid) as refusal:
        ask(forms.fill_form, contact_id=a_contact(), form_id=form_id, answers={"goal": "Run"})
    assert refusal.value.errors[0]["pointer"] == "/form_id"
    listed = ask(forms.list_filled_forms, contact_id=filled["contact_id"], kind="questionnaire", form_id=form_id)
    assert [one["id"] for one in listed["items"]] == [filled["id"]]


@pytest.mark.requirement("D03", "G05")
def test_what_is_asked_of_health_is_answered_only_to_who_may_see_it(
    ask: Ask, a_form: Callable[..., dict[str, Any]], a_contact: Callable[..., str]
) -> None:
    told = {"contact_id": a_contact(), "answers": {"goal": "Run"}}
    heart, goal = (
        ask(forms.fill_form, actor="staff", form_id=a_form(kind=kind)["id"], **told)
        for kind in ("form", "questionnaire")
    )
    of_contact = {"contact_id": told["contact_id"]}
    for actor, seen in (("practitioner", [goal, heart]), ("sales", [goal])):
        assert ask(forms.list_filled_forms, actor=actor, **of_contact)["items"] == seen
        for one in seen:
            assert ask(forms.get_filled_form, actor=actor, filled_form_id=one["id"]) == one
    for actor, lacks, one in (("sales", r"health\.read", heart), ("staff", r"forms\.read", goal)):
        of_one = {"filled_form_id": one["id"]}
        for rpc, asked in (
            (forms.get_filled_form, of_one),
            (forms.get_filled_form, of_one | {"version": 1}),
            (forms.list_filled_form_versions, of_one),
            (forms.change_filled_form, of_one | {"answers": {}}),
            (forms.list_filled_forms, of_contact | {"kind": "form"}),
        ):
            with pytest.raises(Forbidden, match=lacks):
                ask(rpc, actor=actor, **asked)
    with pytest.raises(Invalid) as refusal:
        ask(forms.list_filled_forms, kind="questionnaire")
    assert refusal.value.errors[0]["pointer"] == "/contact_id"


@pytest.mark.requirement("D03")
def test_a_new_installation_has_a_questionnaire_and_a_goal_plan(ask: Ask) -> None:
    found = {
        form["title"] for kind in ("questionnaire", "goal_plan") for form in every(ask, forms.list_forms, kind=kind)
    }
    assert {"Questionnaire", "Goal plan"} <= found


@pytest.mark.requirement("D03")
@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"kind": "poem"}, "/kind"),
        ({"title": ""}, "/title"),
        ({"questions": []}, "/questions"),
        ({"questions": [GOAL | {"key": "Goal!"}]}, "/questions/0/key"),
        ({"questions": [GOAL | {"type": "file"}]}, "/questions/0/type"),
        ({"questions": [GOAL, GOAL]}, "/questions/1/key"),
        ({"questions": [GOAL | {"type": "choice"}]}, "/questions/0/choices"),
        ({"questions": None}, "/questions"),
    ],
)
def test_what_makes_no_form_is_refused_at_its_field(
    a_form: Callable[..., dict[str, Any]], told: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        a_form(**told)
    assert pointer in [fault["pointer"] for fault in refusal.value.errors]


def test_unknown_forms_contacts_and_versions_are_refused_and_so_is_who_may_not(
    ask: Ask, filled: dict[str, Any], a_contact: Callable[..., str]
) -> None:
    answers = {"goal": "Run"}
    for rpc, request_ in (
        (forms.get_form, {"form_id": new_id()}),
        (forms.get_form, {"form_id": filled["form_id"], "version": 9}),
        (forms.change_form, {"form_id": new_id(), "title": "x"}),
        (forms.list_form_versions, {"form_id": new_id()}),
        (forms.get_filled_form, {"filled_form_id": filled["id"], "version": 9}),
        (forms.change_filled_form, {"filled_form_id": new_id(), "answers": answers}),
        (forms.list_filled_form_versions, {"filled_form_id": new_id()}),
    ):
        with pytest.raises(NotFound):
            ask(rpc, **request_)
    for wrong, pointer in (({"form_id": new_id()}, "/form_id"), ({"form_version": 9}, "/form_version")):
        request_ = {"contact_id": a_contact(), "form_id": filled["form_id"], "answers": answers} | wrong
        with pytest.raises(Invalid) as refusal:
            ask(forms.fill_form, **request_)
        assert refusal.value.errors[0]["pointer"] == pointer
    with pytest.raises(Conflict):
        ask(forms.fill_form, contact_id=a_contact(standing="archived"), form_id=filled["form_id"], answers=answers)
    with pytest.raises(Forbidden):
        ask(forms.change_form, actor="sales", form_id=filled["form_id"], title="Mine")
    with pytest.raises(Forbidden):
        ask(forms.change_filled_form, actor="dispatcher", filled_form_id=filled["id"], answers=answers)
