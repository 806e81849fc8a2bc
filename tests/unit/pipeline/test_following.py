"""Whatever order the news of a contact comes in, and however often, the same lead stands in the same stage."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from contracts.pipeline import leads
from services.pipeline.leads.model import Lead
from services.pipeline.leads.rules import Happening, go, hear
from services.pipeline.leads.tidings import Told
from services.pipeline.stages.model import Stage
from services.pipeline.stages.rules import Stages
from tests.builders.examples import examples

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ANA, ANNA, BEN = "ana", "a-colleague", "another-colleague"
STAGES = Stages(
    Stage(id=name, name=name.title(), kind=kind, rank=Decimal(nth), version=1)
    for nth, (name, kind) in enumerate([("new", "open"), ("trial", "open"), ("won", "won"), ("lost", "lost")])
)


def created(entered_as: str = "lead", version: int = 1) -> Told:
    facts = {"assigned_to": ANNA, "source": "walk-in", "location": None, "status": "new"}
    return Told(ANA, version, NOON, is_lead=entered_as == "lead", facts=facts)


def changed(version: int, **facts: str | None) -> Told:
    return Told(ANA, version, NOON, facts=facts)


def became(lifecycle: str, version: int) -> Told:
    reason = f"{lifecycle} as of {version}"
    return Told(ANA, version, NOON, is_lead=lifecycle == "lead", lifecycle=lifecycle, reason=reason)


def after(*tidings: Told, lead: Lead | None = None) -> tuple[Lead, list[Happening]]:
    lead = lead or Lead.unheard_of(ANA)
    happened: list[Happening] = []
    for told in tidings:
        happened += hear(lead, told, STAGES, Decimal(0))
    return lead, happened


def types(happened: list[Happening]) -> list[str]:
    return [happening.event.type for happening in happened]


@pytest.mark.requirement("C31")
def test_a_lead_enters_when_the_contact_was_created_and_not_when_that_was_heard_of():
    _, happened = after(created())
    assert [(happening.event.type, happening.at) for happening in happened] == [("lead.entered", NOON)]


def end_state(lead: Lead) -> dict[str, object]:
    told = ("stage_id", "status", "assigned_to", "source", "location", "lifecycle", "lifecycle_reason", "as_of")
    return {name: getattr(lead, name) for name in told}


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Told], list[Told]]:
    """What happened to a contact, in order; and the same as it may arrive: shuffled, and some of it again."""
    story = [created(draw(st.sampled_from(["lead", "customer"])))]
    lifecycle = "lead"
    for version in range(2, 2 + draw(st.integers(0, 6))):
        if draw(st.booleans()):
            lifecycle = draw(st.sampled_from([s for s in ("lead", "customer", "former_customer") if s != lifecycle]))
            story.append(became(lifecycle, version))
        else:
            name = draw(st.sampled_from(["assigned_to", "source", "location", "status"]))
            story.append(changed(version, **{name: draw(st.sampled_from(["qualified", BEN, "Berlin"]))}))
    again = draw(st.lists(st.sampled_from(story), max_size=4))
    return story, draw(st.permutations(story + again))


@pytest.mark.requirement("P02", "P07")
@settings(max_examples=examples(1000))
@given(stories())
def test_any_order_and_any_repetition_come_to_the_same_lead(story: tuple[list[Told], list[Told]]) -> None:
    in_order, as_it_arrives = story
    straight, _ = after(*in_order)
    crooked, happened = after(*as_it_arrives)
    assert end_state(crooked) == end_state(straight)
    assert types(happened).count("lead.entered") == (straight.stage_id is not None)
    assert types(happened).count("lead.won") - types(happened).count("lead.reopened") == (straight.stage_id == "won")


@pytest.mark.requirement("P01")
def test_a_lead_enters_the_first_open_stage_with_its_assignee() -> None:
    lead, happened = after(created())
    assert lead.stage_id == "new"
    assert types(happened) == ["lead.entered"]
    assert happened[0].data["assigned_to"] == ANNA


def test_who_is_entered_as_a_customer_does_not_come_onto_the_board() -> None:
    lead, happened = after(created("customer"), became("customer", 2))
    assert (lead.stage_id, happened) == (None, [])


def test_a_customer_whose_first_sale_is_reversed_is_a_lead_after_all() -> None:
    lead, happened = after(created("customer"), became("customer", 2), became("lead", 3))
    assert (lead.stage_id, types(happened)) == ("new", ["lead.entered"])


@pytest.mark.requirement("P07")
def test_a_customer_goes_to_won_and_a_reversal_brings_them_back_where_they_stood() -> None:
    lead, _ = after(created())
    go(lead, STAGES.get("new"), STAGES.get("trial"), at=NOON, rank=Decimal(0), reason=None)
    _, happened = after(became("customer", 2), lead=lead)
    assert (lead.stage_id, types(happened)) == ("won", ["lead.moved", "lead.won"])
    assert happened[0].data["reason"] == happened[1].data["reason"] == "customer as of 2"
    _, happened = after(became("lead", 3), lead=lead)
    assert (lead.stage_id, types(happened)) == ("trial", ["lead.moved", "lead.reopened"])
    assert happened[1].data["reason"] == "lead as of 3"


def test_another_assignee_is_told_of_once_the_lead_is_on_the_board() -> None:
    _, happened = after(created(), changed(2, assigned_to=BEN), changed(2, assigned_to=BEN), changed(3, source="web"))
    assert types(happened) == ["lead.entered", "lead.assigned"]
    assert happened[1].data == {"assigned_to": BEN, "before": ANNA, "version": 2}


@pytest.mark.requirement("P07")
def test_a_sale_heard_of_before_the_contact_makes_a_lead_straight_in_won() -> None:
    lead, happened = after(became("customer", 2), created())
    assert (lead.stage_id, lead.stage_before_won) == ("won", "new")
    assert types(happened) == ["lead.entered", "lead.won"]


def test_a_former_customer_stays_in_won() -> None:
    lead, happened = after(created(), became("customer", 2), became("former_customer", 3))
    assert (lead.stage_id, types(happened)) == ("won", ["lead.entered", "lead.moved", "lead.won"])


def test_a_lost_lead_that_buys_after_all_is_won() -> None:
    lead, _ = after(created())
    go(lead, STAGES.get("new"), STAGES.get("lost"), at=NOON, rank=Decimal(0), reason="too dear")
    after(became("customer", 2), lead=lead)
    assert lead.stage_id == "won"


def test_what_is_told_of_a_move_loads_through_the_contract() -> None:
    _, happened = after(created(), became("customer", 2), became("lead", 3))
    for event, data, *_ in happened:
        assert event.data().dump(data).keys() == data.keys()
    assert {happening.event for happening in happened} == {
        leads.lead_entered,
        leads.lead_moved,
        leads.lead_won,
        leads.lead_reopened,
    }
