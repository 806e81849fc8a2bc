"""Letters to the team: the assignee of a follow-up is written to once when it is due, and the contact is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.contacts import team, timeline
from contracts.notifications import communications
from contracts.pipeline import follow_ups, leads, rules, stages
from tests.builders.people import a_lead
from tests.house.hearing import Subscriber
from tests.house.mailbox import Mailbox

Ask = Callable[..., Any]


@pytest.mark.requirement("P05", "N08")
def test_whoever_has_it_is_reminded_once_and_nothing_is_said_to_the_contact(
    ask: Ask, mailbox: Mailbox, subscriber: Callable[..., Subscriber]
) -> None:
    heard = subscriber("pipeline.events", "#")
    account, other = ({"email": f"{new_id()}@rapport.example", "name": name, "role": "sales"} for name in ("Ben", "Cy"))
    ben, cy = (ask(team.add_team_member, **one, password="correct horse battery")["id"] for one in (account, other))
    ana = a_lead(ask, first_name="Ana", last_name="Novák", assigned_to=ben)
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    ask(follow_ups.add_follow_up, contact_id=ana["id"], title="Offer a tour", due_at=yesterday.isoformat())
    heard.wait_for("follow_up.due", subject=ana["id"])
    letter = mailbox.wait_for(account["email"])
    assert letter["Subject"] == "Due: Offer a tour"
    assert "Hello Ben" in letter.get_content()
    assert "call Ana Novák" in letter.get_content()

    stage = ask(stages.add_stage, name=f"Stage {new_id()}")["id"]
    ask(rules.add_stage_rule, name="Look", stage_id=stage, when="entered", do={"notify": {"message": "Look at her"}})
    ask(leads.move_lead, contact_id=ana["id"], stage_id=stage)
    assert "Look at her" in mailbox.wait_for(account["email"], count=2).get_content()

    assert [str(each["Subject"]) for each in mailbox.messages(account["email"])] == [
        "Due: Offer a tour", "Ana Novák: Look",
    ]  # fmt: skip
    ask(leads.assign_lead, contact_id=ana["id"], assigned_to=cy)
    assert mailbox.wait_for(other["email"])["Subject"] == "Due: Offer a tour", "it is still to be done, and now by Cy"

    assert ask(communications.list_communications, contact_id=ana["id"])["items"] == []
    entries = ask(timeline.get_timeline, contact_id=ana["id"])["items"]
    assert not [entry for entry in entries if entry["type"].startswith("message.")]
