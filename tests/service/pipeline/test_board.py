"""The board: every stage with its figures and its first cards, and the rest by pages."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from contracts.language import Rpc
from contracts.pipeline import board, leads, stages as stages_contract
from tests.builders.waiting import eventually
from tests.house.hearing import Subscriber
from tests.house.living import LivingHouse
from tests.service.pipeline.conftest import Contacts, changed, passed


def column(pipeline: LivingHouse, name: str, **request: Any) -> dict[str, Any]:
    return next(stage for stage in pipeline.ask(board.get_board, **request)["stages"] if stage["name"] == name)


@pytest.mark.requirement("P01", "P03")
def test_a_new_installation_has_its_stages_in_order(pipeline: LivingHouse) -> None:
    shown = [(stage["name"], stage["kind"]) for stage in pipeline.ask(stages_contract.list_stages)["items"]]
    assert shown[:7] == [
        ("New", "open"),
        ("Trial", "open"),
        ("Follow-up", "open"),
        ("Interested", "open"),
        ("Will buy later", "open"),
        ("Won", "won"),
        ("Lost", "lost"),
    ]
    assert [stage["name"] for stage in pipeline.ask(board.get_board)["stages"]] == [name for name, _ in shown]


@pytest.mark.requirement("P03")
def test_the_board_counts_and_adds_up_and_the_rest_of_a_stage_comes_by_pages(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    anna = new_id()
    entered = [a_lead(assigned_to=anna, source="fair") for _ in range(5)]
    for lead, amount, currency in zip(entered[:3], (100, 250, 7), ("EUR", "EUR", "GBP"), strict=True):
        pipeline.ask(leads.change_lead, contact_id=lead, value={"amount": amount, "currency": currency})
    shown = column(pipeline, "New", assigned_to=anna, limit=2)
    assert shown["count"] == 5
    assert shown["values"] == [{"amount": 350, "currency": "EUR"}, {"amount": 7, "currency": "GBP"}]
    seen = [card["contact_id"] for card in shown["leads"]]
    cursor = shown["next"]
    while cursor:
        page = pipeline.ask(leads.list_leads, stage_id=stages["New"], assigned_to=anna, limit=2, cursor=cursor)
        seen += [card["contact_id"] for card in page["items"]]
        cursor = page["next"]
    assert seen == entered[::-1], "the newest stands on top"


@pytest.mark.requirement("P03")
def test_the_board_is_filtered_by_assignee_source_location_and_age(
    pipeline: LivingHouse, a_lead: Callable[..., str]
) -> None:
    anna, ben = new_id(), new_id()
    hers = a_lead(assigned_to=anna, source="referral", location="North")
    his = a_lead(assigned_to=ben, source="REFERRAL", location="South")
    for filters, expected in [
        ({"assigned_to": anna}, {hers}),
        ({"assigned_to": anna, "source": "referral"}, {hers}),
        ({"source": "Referral", "location": "SOUTH"}, {his}),
        ({"assigned_to": anna, "location": "South"}, set()),
        ({"assigned_to": anna, "older_than_days": 0}, {hers}),
        ({"assigned_to": anna, "older_than_days": 1}, set()),
        ({"source": "unheard of"}, set()),
    ]:
        shown = column(pipeline, "New", **filters)
        assert {card["contact_id"] for card in shown["leads"]} == expected, filters
        assert shown["count"] == len(expected), filters


@pytest.mark.requirement("P01", "P03")
def test_a_card_says_how_long_it_stands_and_whether_that_is_longer_than_allowed(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    told = {"name": f"Stage {new_id()}", "after": stages["New"], "time_allowed_days": 3}
    three_days = pipeline.ask(stages_contract.add_stage, **told)["id"]
    late, in_time = a_lead(), a_lead()
    aged = "UPDATE leads SET stage_id = %s, entered_stage_at = now() - make_interval(hours => %s) WHERE contact_id = %s"
    with pipeline.database("pipeline").begin() as connection:
        for who, hours in ((late, 73), (in_time, 71)):
            connection.exec_driver_sql(aged, (three_days, hours, who))

    def shown(**filters: Any) -> dict[str, tuple[int, bool]]:
        items = pipeline.ask(leads.list_leads, stage_id=three_days, **filters)["items"]
        return {item["contact_id"]: (item["age_days"], item["overdue"]) for item in items}

    assert shown() == {late: (3, True), in_time: (2, False)}
    assert shown(older_than_days=3) == {late: (3, True)}
    pipeline.ask(stages_contract.change_stage, stage_id=three_days, time_allowed_days=None)
    assert shown() == {late: (3, False), in_time: (2, False)}


@pytest.mark.requirement("P03", "C39")
def test_who_was_archived_is_not_on_the_board_until_restored(
    pipeline: LivingHouse, contacts: Contacts, a_lead: Callable[..., str], applied: Callable[..., None]
) -> None:
    anna = new_id()
    stays, goes = a_lead(assigned_to=anna), a_lead(assigned_to=anna)
    for version, standing, expected in ((2, "archived", {stays}), (3, "active", {stays, goes})):
        told = changed(goes, version, standing=standing)
        contacts.tell(told)
        applied(told)
        shown = column(pipeline, "New", assigned_to=anna)
        assert {card["contact_id"] for card in shown["leads"]} == expected
        assert shown["count"] == len(expected)


def test_an_odd_request_for_the_board_is_refused_by_its_field(pipeline: LivingHouse, stages: dict[str, str]) -> None:
    for rpc, request, pointer in [
        (board.get_board, {"limit": 0}, "/limit"),
        (board.get_board, {"limit": 10**30}, "/limit"),
        (board.get_board, {"older_than_days": 10**30}, "/older_than_days"),
        (board.get_board, {"assigned_to": "anna"}, "/assigned_to"),
        (board.get_board, {"source": ""}, "/source"),
        (board.get_board, {"colour": "red"}, "/colour"),
        (leads.list_leads, {"stage_id": new_id()}, "/stage_id"),
        (leads.list_leads, {"stage_id": stages["New"], "cursor": "WzEsMl0"}, "/cursor"),
    ]:
        with pytest.raises(Invalid) as refused:
            pipeline.ask(rpc, **request)
        assert refused.value.errors[0]["pointer"] == pointer, request


@pytest.mark.requirement("P01")
def test_a_stage_can_be_added_renamed_moved_and_given_time(pipeline: LivingHouse, listener: Subscriber) -> None:
    added = pipeline.ask(stages_contract.add_stage, name="Consultation", time_allowed_days=3)
    names = [stage["name"] for stage in pipeline.ask(stages_contract.list_stages)["items"]]
    assert names.index("Consultation") == names.index("Will buy later") + 1
    first = names[0]
    changed_stage = pipeline.ask(
        stages_contract.change_stage, stage_id=added["id"], name="First talk", after=_id_of(pipeline, first)
    )
    assert (changed_stage["name"], changed_stage["time_allowed_days"], changed_stage["version"]) == ("First talk", 3, 2)
    assert [stage["name"] for stage in pipeline.ask(stages_contract.list_stages)["items"]][:2] == [first, "First talk"]
    assert pipeline.ask(stages_contract.get_stage, stage_id=added["id"]) == changed_stage
    told = listener.wait_for("stage.changed").data["changes"]
    assert told.keys() == {"name", "order"}
    assert [stage["kind"] for stage in pipeline.ask(stages_contract.list_stages, kind="lost")["items"]] == ["lost"]


@pytest.mark.requirement("P01")
def test_the_stages_are_not_changed_by_everyone_nor_into_anything(pipeline: LivingHouse) -> None:
    new = _id_of(pipeline, "New")
    for rpc, request, kind in [
        (stages_contract.add_stage, {"name": "tRIAL"}, Conflict),
        (stages_contract.add_stage, {"name": " "}, Invalid),
        (stages_contract.add_stage, {"name": "Odd", "kind": "sideways"}, Invalid),
        (stages_contract.add_stage, {"name": "Odd", "after": new_id()}, Invalid),
        (stages_contract.add_stage, {"name": "Odd", "time_allowed_days": 10**30}, Invalid),
        (stages_contract.change_stage, {"stage_id": new_id(), "name": "Odd"}, NotFound),
        (stages_contract.change_stage, {"stage_id": new, "name": "Trial"}, Conflict),
        (stages_contract.change_stage, {"stage_id": new, "after": new}, Invalid),
        (stages_contract.change_stage, {"stage_id": new, "kind": "won"}, Invalid),
        (stages_contract.add_stage, {"name": "Odd", "actor": "sales"}, Forbidden),
    ]:
        with pytest.raises(Problem) as refused:
            pipeline.ask(rpc, **request)
        assert isinstance(refused.value, kind), request


@pytest.mark.requirement("P01", "P02")
def test_a_stage_in_which_nobody_stands_is_taken_off_the_board(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    ana = a_lead()
    spare = pipeline.ask(stages_contract.add_stage, name="Spare")["id"]
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=spare)
    for stage_id, why in ((spare, "Leads stand in Spare"), (stages["Won"], "last won"), (stages["Lost"], "last lost")):
        with pytest.raises(Conflict, match=why):
            pipeline.ask(stages_contract.remove_stage, stage_id=stage_id)
    with pytest.raises(Forbidden):
        pipeline.ask(stages_contract.remove_stage, stage_id=spare, actor="sales")
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=stages["Trial"])
    pipeline.ask(stages_contract.remove_stage, stage_id=spare)
    assert "Spare" not in [stage["name"] for stage in pipeline.ask(board.get_board)["stages"]]
    assert "Spare" in [move["to_stage"] for move in pipeline.ask(leads.list_moves, contact_id=ana)["items"]]
    with pytest.raises(NotFound):
        pipeline.ask(stages_contract.remove_stage, stage_id=spare)


@pytest.mark.requirement("P01")
def test_nobody_is_moved_into_a_stage_at_the_moment_that_it_goes(
    pipeline: LivingHouse, a_lead: Callable[..., str], stage_of: Callable[[str], str]
) -> None:
    movers = [a_lead() for _ in range(3)]
    for nth in range(8):
        going = pipeline.ask(stages_contract.add_stage, name=f"Going {nth}")["id"]
        moves = [(leads.move_lead, {"contact_id": who, "stage_id": going}) for who in movers]
        with ThreadPoolExecutor(4) as pool:
            asked = [*moves[:1], (stages_contract.remove_stage, {"stage_id": going}), *moves[1:]]
            answers = list(pool.map(lambda one: _answer(pipeline, *one), asked))
        removed = not isinstance(answers.pop(1), Problem)
        assert all(isinstance(answer, Invalid) for answer in answers if isinstance(answer, Problem)), answers
        assert removed is not (f"Going {nth}" in [stage_of(who) for who in movers])


def _answer(pipeline: LivingHouse, rpc: Rpc, request: dict[str, Any]) -> Any:
    try:
        return pipeline.ask(rpc, **request)
    except Problem as problem:
        return problem


def _id_of(pipeline: LivingHouse, name: str) -> str:
    return next(stage["id"] for stage in pipeline.ask(stages_contract.list_stages)["items"] if stage["name"] == name)


@pytest.mark.requirement("P03", "C24")
def test_the_board_shows_who_is_in_a_segment_in_whatever_order_that_is_heard(
    pipeline: LivingHouse,
    contacts: Contacts,
    stages: dict[str, str],
    a_lead: Callable[..., str],
    applied: Callable[..., None],
) -> None:
    segment, other = new_id(), new_id()
    stays, returns, left, elsewhere = (a_lead() for _ in range(4))
    told = [
        (3, passed(stays, segment, inside=True)),
        (5, passed(returns, segment, inside=True)),
        (4, passed(returns, segment, inside=False)),
        (7, passed(left, segment, inside=False)),
        (6, passed(left, segment, inside=True)),
        (8, passed(elsewhere, other, inside=True)),
    ]
    for sequence, message in told:
        contacts.tell(message, sequence=sequence)
        applied(message, by="follow_segments")
    shown = column(pipeline, "New", segment_id=segment)
    assert ({card["contact_id"] for card in shown["leads"]}, shown["count"]) == ({stays, returns}, 2)
    for found in (
        pipeline.ask(leads.list_leads, stage_id=stages["New"], segment_id=segment),
        pipeline.ask(leads.find_leads, segment_id=segment),
    ):
        assert {card["contact_id"] for card in found["items"]} == {stays, returns}


@pytest.mark.requirement("P01", "C39")
def test_a_stage_where_only_archived_leads_stand_goes_and_they_stand_beside_it(
    pipeline: LivingHouse,
    contacts: Contacts,
    a_lead: Callable[..., str],
    applied: Callable[..., None],
    stages: dict[str, str],
) -> None:
    after = {"after": stages["Trial"], "name": f"Stage {new_id()}"}
    going = pipeline.ask(stages_contract.add_stage, **after)["id"]
    ana = a_lead()
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=going)
    with pytest.raises(Conflict):
        pipeline.ask(stages_contract.remove_stage, stage_id=going)
    archived = changed(ana, 2, standing="archived")
    contacts.tell(archived)
    applied(archived)
    pipeline.ask(stages_contract.remove_stage, stage_id=going)
    assert after["name"] not in [stage["name"] for stage in pipeline.ask(board.get_board)["stages"]]
    restored = changed(ana, 3, standing="active")
    contacts.tell(restored)
    applied(restored)
    eventually(lambda: pipeline.ask(leads.get_lead, contact_id=ana)["stage"] == "Trial")
    move = pipeline.ask(leads.list_moves, contact_id=ana)["items"][0]
    assert (move["from_stage"], move["to_stage"]) == (after["name"], "Trial")
    assert "taken off the board" in move["reason"]
