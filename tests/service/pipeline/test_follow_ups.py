"""Follow-ups: made, settled, handed on with their lead, told when due, and stopped by archiving and by a sale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.contacts import settings
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from contracts.pipeline import follow_ups, leads
from local.processes import wait_for
from tests.house.hearing import Subscriber
from tests.house.living import LivingHouse
from tests.service.pipeline.conftest import Contacts, became, changed

Enter = Callable[..., str]
TOMORROW = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
YESTERDAY = (dt.datetime.now(dt.UTC) - dt.timedelta(days=1)).isoformat()


def add(pipeline: LivingHouse, contact_id: str, **told: Any) -> dict[str, Any]:
    return pipeline.ask(follow_ups.add_follow_up, **{"title": "Ring", "due_at": TOMORROW} | told, contact_id=contact_id)


def state_of(pipeline: LivingHouse, follow_up: dict[str, Any]) -> str:
    return pipeline.ask(follow_ups.get_follow_up, follow_up_id=follow_up["id"])["state"]


@pytest.mark.requirement("P05")
def test_a_follow_up_is_made_changed_and_completed_with_its_outcome(
    pipeline: LivingHouse, listener: Subscriber, a_lead: Enter, a_colleague: Enter
) -> None:
    anna = a_colleague()
    ana = a_lead(assigned_to=anna)
    made = add(pipeline, ana, title="Invite to a tour", channel="visit", note="likes yoga")
    assert (made["assigned_to"], made["follows_lead"], made["state"], made["overdue"]) == (anna, True, "open", False)
    assert made["display_name"] == "Ana Novák"
    one = {"follow_up_id": made["id"]}
    later = pipeline.ask(follow_ups.change_follow_up, **one, due_at=YESTERDAY, note=None, expected_version=1)
    assert (later["version"], later["note"], later["overdue"]) == (2, None, True)
    with pytest.raises(Stale):
        pipeline.ask(follow_ups.complete_follow_up, **one, outcome="came", expected_version=1)
    done = pipeline.ask(follow_ups.complete_follow_up, **one, outcome="came and liked it")
    assert (done["state"], done["outcome"], done["overdue"], done["version"]) == ("done", "came and liked it", False, 3)
    assert (done["ended_at"], done["ended_by"]) > ("", "")
    for rpc, request in [
        (follow_ups.complete_follow_up, {"outcome": "again"}),
        (follow_ups.change_follow_up, {"title": "Other"}),
        (follow_ups.cancel_follow_up, {}),
    ]:
        with pytest.raises(Conflict, match="done already"):
            pipeline.ask(rpc, **one, **request)
    assert listener.wait_for("follow_up.completed", subject=ana).data["outcome"] == "came and liked it"
    for what in ("created", "changed", "completed"):
        assert len(listener.of(f"follow_up.{what}", subject=ana)) == 1, what


@pytest.mark.requirement("P05")
def test_those_of_a_lead_of_an_assignee_and_overdue_ones_are_listed_by_when_they_are_due(
    pipeline: LivingHouse, a_lead: Enter, a_colleague: Enter
) -> None:
    anna, ana, ben = a_colleague(), a_lead(), a_lead()
    days = [dt.datetime(2026, 1, day, tzinfo=dt.UTC).isoformat() for day in (3, 1, 2)]
    third, first, second = (add(pipeline, ana, due_at=day, assigned_to=anna)["id"] for day in days)
    future = add(pipeline, ben, assigned_to=anna)["id"]
    pipeline.ask(follow_ups.cancel_follow_up, follow_up_id=second, reason="not needed")
    assert pipeline.ask(follow_ups.cancel_follow_up, follow_up_id=second)["reason"] == "not needed", "twice is harmless"

    def listed(rpc: Any = follow_ups.list_follow_ups, **request: Any) -> list[str]:
        return [item["id"] for item in pipeline.ask(rpc, **request)["items"]]

    assert listed(assigned_to=anna) == [first, second, third, future]
    assert listed(assigned_to=anna, sort="-due") == [future, third, second, first]
    assert listed(assigned_to=anna, overdue=True) == [first, third]
    assert listed(assigned_to=anna, state="open", due_before=days[0]) == [first]
    assert listed(contact_id=ben) == listed(follow_ups.list_follow_ups_of_lead, contact_id=ben) == [future]
    page = pipeline.ask(follow_ups.list_follow_ups, assigned_to=anna, limit=3)
    assert listed(assigned_to=anna, limit=3, cursor=page["next"]) == [future]


@pytest.mark.requirement("P05")
def test_it_goes_with_its_lead_unless_it_was_given_to_somebody_by_name(
    pipeline: LivingHouse, contacts: Contacts, listener: Subscriber, a_lead: Enter, a_colleague: Enter
) -> None:
    anna, ben, cleo = a_colleague(), a_colleague(), a_colleague()
    ana = a_lead(assigned_to=anna)
    hers, named = add(pipeline, ana), add(pipeline, ana, assigned_to=cleo)
    contacts.tell(changed(ana, 2, assigned_to=ben))
    told = listener.wait_for("follow_up.changed", subject=ana)
    assert told.data["changes"]["assigned_to"] == {"before": anna, "after": ben}
    moved = pipeline.ask(follow_ups.get_follow_up, follow_up_id=hers["id"])
    assert (moved["assigned_to"], moved["assigned_before"]) == (ben, anna)
    assert pipeline.ask(follow_ups.get_follow_up, follow_up_id=named["id"])["assigned_to"] == cleo
    back = pipeline.ask(follow_ups.change_follow_up, follow_up_id=named["id"], assigned_to=None)
    assert (back["assigned_to"], back["follows_lead"], back["assigned_before"]) == (ben, True, cleo)


@pytest.mark.requirement("P05", "C39")
def test_archiving_stops_what_is_open_and_restoring_revives_nothing(
    pipeline: LivingHouse, contacts: Contacts, listener: Subscriber, a_lead: Enter, applied: Callable[..., None]
) -> None:
    ana = a_lead()
    stopped, done = add(pipeline, ana), add(pipeline, ana)
    pipeline.ask(follow_ups.complete_follow_up, follow_up_id=done["id"], outcome="done")
    contacts.tell(changed(ana, 2, standing="archived"))
    told = listener.wait_for("follow_up.stopped", subject=ana)
    assert (told.data["follow_up_id"], told.data["reason"]) == (stopped["id"], "The contact was archived.")
    with pytest.raises(Conflict, match="archived"):
        add(pipeline, ana)
    restored = changed(ana, 3, standing="active")
    contacts.tell(restored)
    assert wait_for(lambda: _is_addable(pipeline, ana), 30)
    assert (state_of(pipeline, stopped), state_of(pipeline, done)) == ("stopped", "done")


def _is_addable(pipeline: LivingHouse, contact_id: str) -> bool:
    try:
        return bool(add(pipeline, contact_id))
    except Conflict:
        return False


@pytest.mark.requirement("P05", "P07")
def test_a_sale_stops_what_is_open_and_a_reversal_revives_nothing(
    pipeline: LivingHouse, contacts: Contacts, listener: Subscriber, a_lead: Enter
) -> None:
    ana = a_lead()
    stopped = add(pipeline, ana)
    contacts.tell(became(ana, "customer", 2))
    assert listener.wait_for("follow_up.stopped", subject=ana).data["reason"] == "The lead was won."
    with pytest.raises(Conflict, match="customer"):
        add(pipeline, ana)
    contacts.tell(became(ana, "lead", 3, reason="refunded"))
    listener.wait_for("lead.reopened", subject=ana)
    anew = add(pipeline, ana)
    assert (state_of(pipeline, stopped), state_of(pipeline, anew)) == ("stopped", "open")


@pytest.mark.requirement("P05", "C39")
def test_none_stays_open_that_is_made_at_the_moment_of_archiving(
    pipeline: LivingHouse, contacts: Contacts, a_lead: Enter, applied: Callable[..., None]
) -> None:
    everybody = [a_lead() for _ in range(6)]
    archiving = [changed(ana, 2, standing="archived") for ana in everybody]

    def try_to_add(ana: str) -> None:
        for _ in range(4):
            try:
                add(pipeline, ana)
            except Conflict:
                return

    with ThreadPoolExecutor(7) as pool:
        adding = [pool.submit(try_to_add, ana) for ana in everybody]
        contacts.tell(*archiving)
        for added in adding:
            added.result()
    applied(*archiving, by="stop_follow_ups_of_archived")

    def all_stopped() -> bool:
        states = [
            item["state"]
            for ana in everybody
            for item in pipeline.ask(follow_ups.list_follow_ups, contact_id=ana)["items"]
        ]
        return set(states) <= {"stopped"}

    assert wait_for(all_stopped, 30)


@pytest.mark.requirement("P05")
def test_that_it_is_due_is_told_once_for_each_due_time_and_to_whoever_is_given_it_then(
    pipeline: LivingHouse, contacts: Contacts, listener: Subscriber, a_lead: Enter, a_colleague: Enter
) -> None:
    ana = a_lead()
    overdue = add(pipeline, ana, due_at=YESTERDAY)
    listener.wait_for("follow_up.due", subject=ana)
    an_hour_ago = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).isoformat()
    pipeline.ask(follow_ups.change_follow_up, follow_up_id=overdue["id"], due_at=an_hour_ago, title="Ring again")
    listener.wait_for("follow_up.due", subject=ana, count=2)
    ben, cleo = a_colleague(), a_colleague()
    contacts.tell(changed(ana, 2, assigned_to=ben))
    listener.wait_for("follow_up.due", subject=ana, count=3)
    pipeline.ask(follow_ups.change_follow_up, follow_up_id=overdue["id"], assigned_to=cleo, due_at=an_hour_ago)
    listener.wait_for("follow_up.due", subject=ana, count=4)
    told = [event.data for event in listener.of("follow_up.due", subject=ana)]
    assert [(each["title"], each["assigned_to"]) for each in told] == [
        ("Ring", None), ("Ring again", None), ("Ring again", ben), ("Ring again", cleo),
    ]  # fmt: skip


@pytest.mark.requirement("P05")
def test_an_odd_follow_up_is_refused_by_its_field(pipeline: LivingHouse, a_lead: Enter, a_colleague: Enter) -> None:
    ana = a_lead()
    gone = a_colleague(active=False)
    one = add(pipeline, ana)
    for rpc, request, pointer in [
        (follow_ups.add_follow_up, {"contact_id": ana, "title": " ", "due_at": TOMORROW}, "/title"),
        (follow_ups.add_follow_up, {"contact_id": ana, "title": "a\0b", "due_at": TOMORROW}, "/title"),
        (follow_ups.add_follow_up, {"contact_id": ana, "title": "Ring", "due_at": "tomorrow"}, "/due_at"),
        (follow_ups.add_follow_up, {"contact_id": ana, "title": "R", "due_at": "2026-11-24T09:00:00"}, "/due_at"),
        (
            follow_ups.add_follow_up,
            {"contact_id": ana, "title": "Ring", "due_at": TOMORROW, "assigned_to": gone},
            "/assigned_to",
        ),
        (follow_ups.change_follow_up, {"follow_up_id": one["id"], "title": None}, "/title"),
        (follow_ups.change_follow_up, {"follow_up_id": one["id"], "channel": "pigeon"}, "/channel"),
        (follow_ups.complete_follow_up, {"follow_up_id": one["id"], "outcome": ""}, "/outcome"),
        (follow_ups.list_follow_ups, {"overdue": "perhaps"}, "/overdue"),
        (follow_ups.list_follow_ups, {"cursor": "WzEsMl0"}, "/cursor"),
    ]:
        with pytest.raises(Invalid) as refused:
            pipeline.ask(rpc, **request)
        assert refused.value.errors[0]["pointer"] == pointer, request
    for rpc, kind, request in [
        (follow_ups.get_follow_up, NotFound, {"follow_up_id": new_id()}),
        (follow_ups.cancel_follow_up, NotFound, {"follow_up_id": new_id()}),
        (follow_ups.list_follow_ups, Forbidden, {"actor": "practitioner"}),
        (follow_ups.cancel_follow_up, Forbidden, {"follow_up_id": one["id"], "actor": "dispatcher"}),
    ]:
        with pytest.raises(Problem) as refusal:
            pipeline.ask(rpc, **request)
        assert isinstance(refusal.value, kind), request


@pytest.mark.requirement("P05", "G10")
def test_leads_untouched_past_the_follow_up_window_are_listed_the_longest_first(
    pipeline: LivingHouse, contacts: Contacts, a_lead: Enter, stages: dict[str, str], applied: Callable[..., None]
) -> None:
    anna = new_id()
    oldest, old, touched, lost, archived, fresh = (a_lead(assigned_to=anna) for _ in range(6))
    pipeline.ask(leads.move_lead, contact_id=lost, stage_id=stages["Lost"])
    with pipeline.database("pipeline").begin() as connection:
        for who, days in ((oldest, 60), (old, 50), (touched, 60), (lost, 60), (archived, 60), (fresh, 44)):
            connection.exec_driver_sql(
                "UPDATE leads SET touched_at = now() - make_interval(days => %s) WHERE contact_id = %s", (days, who)
            )
    pipeline.ask(leads.move_lead, contact_id=touched, stage_id=stages["Trial"])
    leaving = changed(archived, 2, standing="archived")
    contacts.tell(leaving)

    def found(**request: Any) -> list[tuple[str, int]]:
        answer = pipeline.ask(leads.find_leads, assigned_to=anna, **request)
        return [(item["contact_id"], item["untouched_days"]) for item in answer["items"]]

    assert wait_for(lambda: found(untouched=True) == [(oldest, 60), (old, 50)], 30), found(untouched=True)
    assert {who for who, _ in found(untouched=False)} == {lost, fresh, touched}
    assert found(kind="lost") == [(lost, 60)]
    window = {"follow_up_window_days": {"before": None, "after": 55}}
    said = (settings.settings_changed, None, {"changes": window, "version": 10**6}, new_id())
    contacts.tell(said)
    applied(said, by="remember_settings")
    assert found(untouched=True) == [(oldest, 60)]
