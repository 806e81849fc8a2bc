"""Cards are dragged by hand: anywhere but to Won, and they keep their place."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.ids import new_id
from contracts.errors import Conflict, Forbidden, Invalid, Problem, Stale, Unavailable
from contracts.pipeline import board, leads, stages as stages_contract
from tests.house.hearing import Subscriber
from tests.house.living import LivingHouse
from tests.service.pipeline.conftest import Contacts, became


def cards(pipeline: LivingHouse, stage: str, **filters: object) -> list[str]:
    columns = pipeline.ask(board.get_board, limit=100, **filters)["stages"]
    return [card["contact_id"] for column in columns if column["name"] == stage for card in column["leads"]]


def refusal(pipeline: LivingHouse, **request: object) -> Problem:
    with pytest.raises(Problem) as caught:
        pipeline.ask(leads.move_lead, **request)
    return caught.value


@pytest.mark.requirement("P02")
def test_a_move_is_told_with_who_from_to_and_reason(
    pipeline: LivingHouse, listener: Subscriber, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    ana = a_lead()
    lead = pipeline.ask(leads.move_lead, contact_id=ana, stage_id=stages["Trial"], reason="wants to try")
    assert (lead["stage"], lead["version"]) == ("Trial", 2)
    moved = listener.wait_for("lead.moved", subject=ana)
    assert moved.data == {
        "from_stage": "New",
        "to_stage": "Trial",
        "from_stage_id": stages["New"],
        "stage_id": stages["Trial"],
        "reason": "wants to try",
        "by": pipeline.owner["name"],
        "version": 2,
    }


def test_a_move_to_where_it_stands_tells_nothing(
    pipeline: LivingHouse, listener: Subscriber, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    ana = a_lead()
    lead = pipeline.ask(leads.move_lead, contact_id=ana, stage_id=stages["New"])
    assert lead["version"] == 1
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=stages["Lost"])
    listener.wait_for("lead.moved", subject=ana)
    assert [event.data["to_stage"] for event in listener.of("lead.moved", subject=ana)] == ["Lost"]


@pytest.mark.requirement("P03")
def test_a_card_keeps_the_place_that_it_was_dragged_to(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    stage = stages["Follow-up"]
    first, second, third, fourth = (a_lead() for _ in range(4))
    for lead in (first, second, third):
        pipeline.ask(leads.move_lead, contact_id=lead, stage_id=stage)
    assert cards(pipeline, "Follow-up") == [third, second, first]
    pipeline.ask(leads.move_lead, contact_id=fourth, stage_id=stage, after=third)
    pipeline.ask(leads.move_lead, contact_id=first, stage_id=stage, before=third)
    assert cards(pipeline, "Follow-up") == [first, third, fourth, second]
    pipeline.ask(leads.move_lead, contact_id=first, stage_id=stage, after=second)
    assert cards(pipeline, "Follow-up") == [third, fourth, second, first]


@pytest.mark.requirement("P03")
def test_cards_dragged_to_one_place_at_once_get_a_place_each(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    stage = stages["Interested"]
    anchor, *dragged = (a_lead() for _ in range(9))
    pipeline.ask(leads.move_lead, contact_id=anchor, stage_id=stage)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda id: pipeline.ask(leads.move_lead, contact_id=id, stage_id=stage, after=anchor), dragged))
    with pipeline.database("pipeline").connect() as connection:
        ranks = connection.exec_driver_sql("SELECT rank FROM leads WHERE stage_id = %s", (stage,)).scalars().all()
    assert len(ranks) == len(set(ranks)) == 9
    assert cards(pipeline, "Interested")[0] == anchor


@pytest.mark.requirement("P03")
def test_a_gap_that_has_become_too_narrow_is_widened_and_the_order_stays(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    stage = pipeline.ask(stages_contract.add_stage, name=f"Stage {new_id()}")["id"]
    first, second, third, last, dragged = (a_lead() for _ in range(5))
    with pipeline.database("pipeline").begin() as connection:  # as after many thousand drags between two of them
        narrow = {first: "1", second: "1." + "0" * 29 + "1", third: "1." + "0" * 29 + "2", last: "3"}
        for who, rank in narrow.items():
            set_ = "UPDATE leads SET stage_id = %s, rank = %s::numeric WHERE contact_id = %s"
            connection.exec_driver_sql(set_, (stage, rank, who))
    pipeline.ask(leads.move_lead, contact_id=dragged, stage_id=stage, after=second)
    shown = pipeline.ask(leads.list_leads, stage_id=stage)["items"]
    assert [card["contact_id"] for card in shown] == [first, second, dragged, third, last]
    with pipeline.database("pipeline").connect() as connection:
        longest = connection.exec_driver_sql("SELECT max(scale(rank)) FROM leads WHERE stage_id = %s", (stage,))
        assert longest.scalar() < 5


@pytest.mark.requirement("P02", "P03")
def test_one_card_dragged_by_several_at_once_stands_in_one_place_with_every_move_kept(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    hers = f"fair {new_id()}"
    ana, anchor = a_lead(source=hers), a_lead()
    pipeline.ask(leads.move_lead, contact_id=anchor, stage_id=stages["Trial"])
    drags = [
        {"stage_id": stages["Trial"], "after": anchor},
        {"stage_id": stages["Follow-up"]},
        {"stage_id": stages["Trial"], "before": anchor},
        {"stage_id": stages["Interested"]},
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda drag: pipeline.ask(leads.move_lead, contact_id=ana, **drag), drags * 2))
    moves = pipeline.ask(leads.list_moves, contact_id=ana)["items"]
    assert len(moves) == max(answer["version"] for answer in answers)
    assert all(later["from_stage"] == earlier["to_stage"] for later, earlier in itertools.pairwise(moves))
    columns = pipeline.ask(board.get_board, source=hers)["stages"]
    assert [column["name"] for column in columns for _ in column["leads"]] == [moves[0]["to_stage"]]


@pytest.mark.requirement("P07")
def test_nobody_is_won_by_hand_and_no_customer_is_dragged_out_of_won(
    pipeline: LivingHouse,
    contacts: Contacts,
    listener: Subscriber,
    stages: dict[str, str],
    a_lead: Callable[..., str],
) -> None:
    ana = a_lead()
    refused = refusal(pipeline, contact_id=ana, stage_id=stages["Won"])
    assert isinstance(refused, Conflict)
    assert "paid" in refused.detail
    contacts.tell(became(ana, "customer", 2))
    listener.wait_for("lead.won", subject=ana)
    assert isinstance(refusal(pipeline, contact_id=ana, stage_id=stages["New"]), Conflict)


def test_what_makes_no_sense_is_refused_by_its_field(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    ana, ben = a_lead(), a_lead()
    pipeline.ask(leads.move_lead, contact_id=ben, stage_id=stages["Lost"])
    here = {"contact_id": ana, "stage_id": stages["Trial"]}
    for request, pointer in [
        (here | {"stage_id": new_id()}, "/stage_id"),
        (here | {"stage_id": "Trial"}, "/stage_id"),
        ({"contact_id": ana}, "/stage_id"),
        (here | {"before": ben}, "/before"),
        (here | {"after": new_id()}, "/after"),
        (here | {"after": ana}, "/after"),
        (here | {"before": ben, "after": ben}, "/after"),
        (here | {"reason": "nul \0 byte"}, "/reason"),
        (here | {"reason": "x" * 501}, "/reason"),
        (here | {"by": "me"}, "/by"),
    ]:
        refused = refusal(pipeline, **request)
        assert isinstance(refused, Invalid), request
        assert refused.errors[0]["pointer"] == pointer


def test_an_unknown_contact_cannot_be_told_from_a_late_one_while_contacts_is_away(
    pipeline: LivingHouse, stages: dict[str, str]
) -> None:
    assert isinstance(refusal(pipeline, contact_id=new_id(), stage_id=stages["Trial"]), Unavailable)


def test_a_lead_that_changed_meanwhile_is_not_moved(
    pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]
) -> None:
    ana = a_lead()
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=stages["Trial"], expected_version=1)
    assert isinstance(refusal(pipeline, contact_id=ana, stage_id=stages["Lost"], expected_version=1), Stale)


def test_moving_needs_the_permission(pipeline: LivingHouse, stages: dict[str, str], a_lead: Callable[..., str]) -> None:
    ana = a_lead()
    request = {"contact_id": ana, "stage_id": stages["Trial"]}
    assert isinstance(refusal(pipeline, actor="dispatcher", **request), Forbidden)
    assert pipeline.ask(leads.move_lead, actor="sales", **request)["stage"] == "Trial"


@pytest.mark.requirement("P02")
def test_what_a_lead_may_buy_is_told_when_it_changes(
    pipeline: LivingHouse, listener: Subscriber, a_lead: Callable[..., str]
) -> None:
    ana = a_lead()
    gold = {"expected_package": "Gold", "value": {"amount": 4900, "currency": "EUR"}}
    lead = pipeline.ask(leads.change_lead, contact_id=ana, **gold)
    assert (lead["expected_package"], lead["value"], lead["version"]) == ("Gold", gold["value"], 2)
    assert pipeline.ask(leads.change_lead, contact_id=ana, **gold)["version"] == 2
    assert pipeline.ask(leads.change_lead, contact_id=ana, value=None)["value"] is None
    told = listener.wait_for("lead.changed", subject=ana, count=2)
    assert told.data["changes"] == {"value": {"before": gold["value"], "after": None}}
    with pytest.raises(Invalid) as refused:
        pipeline.ask(leads.change_lead, contact_id=ana, value={"amount": 7, "currency": "ZZZ"})
    assert [error["pointer"] for error in refused.value.errors] == ["/value/currency"]
