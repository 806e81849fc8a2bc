"""Whatever is heard together: each thing that happens to a lead names the request that it comes of, and who made it."""

from __future__ import annotations

import pytest

from chassis.ids import new_id
from contracts.pipeline import leads
from services.pipeline.leads.reactions import follow_contacts
from tests.builders.heard import NOON, asked_by, heard, number
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers
from tests.service.pipeline.conftest import became, changed, created


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
