"""Whatever is heard together: each thing that happens to a lead names the request that it comes of, and who made it."""

from __future__ import annotations

import dataclasses

import pytest

from chassis.ids import new_id
from contracts.pipeline import leads
from services.pipeline.leads.reactions import follow_contacts
from services.pipeline.service import Pipeline
from tests.builders.heard import NOON, asked_by, heard, number
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers
from tests.service.pipeline.conftest import became, changed, created


@pytest.mark.requirement("P02")
def test_a_move_is_of_who_entered_sold_to_or_refunded_the_lead_and_of_nobody_where_a_service_did_it(
    servers: Servers,
) -> None:
    ana, ben = new_id(), new_id()
    news = [created(ana), became(ana, "customer", 2), became(ana, "lead", 3), created(ben)]
    batch = [heard(event, str(whom), nth, **data) for nth, (event, whom, data, _) in enumerate(news, 1)]
    itself = {"id": "service:contacts", "role": "service", "name": "contacts"}
    batch[-1] = dataclasses.replace(batch[-1], actor=itself)
    with a_clockwork(servers, "pipeline", now=NOON) as clockwork:
        clockwork.hears(follow_contacts, batch)
        moves = {whom: clockwork.ask(Pipeline, leads.list_moves, contact_id=whom)["items"] for whom in (ana, ben)}
        told = clockwork.told(leads.lead_moved)
    of_ana = [("colleague 3", "A colleague"), ("colleague 2", "A colleague"), ("colleague 1", "A colleague")]
    assert [(move["by"], move["by_name"]) for move in moves[ana]] == of_ana
    assert [(move["by"], move["by_name"]) for move in moves[ben]] == [(None, None)]
    assert [event.data["by"] for event in told] == ["A colleague"] * 2


@pytest.mark.requirement("O03", "P02")
def test_of_a_lead_that_is_entered_given_to_somebody_and_won_at_once_each_has_its_own_cause(servers: Servers) -> None:
    ana, eva, ben = new_id(), new_id(), new_id()
    news = [
        created(ana), created(eva), changed(ana, 2, assigned_to=ben), changed(eva, 2, "Eva"), became(ana, "customer", 3)
    ]  # fmt: skip
    batch = [heard(event, str(whom), nth, **data) for nth, (event, whom, data, _) in enumerate(news, 1)]
    with a_clockwork(servers, "pipeline", now=NOON) as clockwork:
        clockwork.hears(follow_contacts, batch)
        told = clockwork.told(leads.lead_entered, leads.lead_assigned, leads.lead_moved, leads.lead_won)
    assert {(event.type, event.subject): asked_by(event) for event in told} == {
        ("lead.entered", ana): number(1),
        ("lead.entered", eva): number(2),
        ("lead.assigned", ana): number(3),
        ("lead.moved", ana): number(5),
        ("lead.won", ana): number(5),
    }
