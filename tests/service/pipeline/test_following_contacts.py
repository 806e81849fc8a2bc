"""Leads follow their contacts, over the real broker, in whatever order the news comes in."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from chassis.ids import new_id
from contracts.pipeline import leads
from tests.house.hearing import Subscriber
from tests.house.living import LivingHouse
from tests.service.pipeline.conftest import Contacts, became, changed, created


@pytest.mark.requirement("P01", "P02")
def test_a_lead_enters_new_with_its_assignee_and_source(
    pipeline: LivingHouse, contacts: Contacts, listener: Subscriber
) -> None:
    ana, anna = new_id(), new_id()
    contacts.tell(created(ana, assigned_to=anna, source="walk-in", location="Mitte"))
    entered = listener.wait_for("lead.entered", subject=ana)
    assert (entered.data["stage"], entered.data["assigned_to"], entered.data["lead_id"]) == ("New", anna, ana)
    lead = pipeline.ask(leads.get_lead, contact_id=ana)
    assert (lead["stage"], lead["status"], lead["source"], lead["location"]) == ("New", "new", "walk-in", "Mitte")
    assert (lead["display_name"], lead["version"], lead["age_days"]) == ("Ana Novák", 1, 0)


@pytest.mark.requirement("P07")
def test_a_customer_goes_to_won_by_itself_and_a_reversal_brings_them_back(
    pipeline: LivingHouse,
    contacts: Contacts,
    listener: Subscriber,
    stages: dict[str, str],
    a_lead: Callable[..., str],
) -> None:
    ana = a_lead()
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=stages["Interested"])
    contacts.tell(became(ana, "customer", 2, "paid membership Gold"))
    won = listener.wait_for("lead.won", subject=ana)
    assert won.data["reason"] == "paid membership Gold"
    lead = pipeline.ask(leads.get_lead, contact_id=ana)
    assert (lead["stage"], lead["stage_kind"], lead["status"]) == ("Won", "won", "converted")

    contacts.tell(became(ana, "lead", 3, "payment rejected"))
    reopened = listener.wait_for("lead.reopened", subject=ana)
    assert (reopened.data["stage"], reopened.data["reason"]) == ("Interested", "payment rejected")
    lead = pipeline.ask(leads.get_lead, contact_id=ana)
    assert (lead["stage"], lead["status"]) == ("Interested", "new")

    moves = pipeline.ask(leads.list_moves, contact_id=ana)["items"]
    assert [(move["from_stage"], move["to_stage"], move["reason"], move["by_name"]) for move in moves] == [
        ("Won", "Interested", "payment rejected", None),
        ("Interested", "Won", "paid membership Gold", None),
        ("New", "Interested", None, pipeline.owner["name"]),
        (None, "New", None, None),
    ]


@pytest.mark.requirement("P02", "P07")
def test_every_order_of_the_same_news_and_all_of_it_twice_come_to_the_same_board(
    pipeline: LivingHouse, contacts: Contacts, listener: Subscriber, applied: Callable[..., None]
) -> None:
    anna, ben = new_id(), new_id()
    seen, everything = [], []
    for order in itertools.permutations(range(4)):
        ana = new_id()
        news = [
            created(ana, assigned_to=anna),
            became(ana, "customer", 2),
            changed(ana, 3, "Ana Svobodová", assigned_to=ben),
            became(ana, "former_customer", 4, "membership ended"),
        ]
        arriving = [news[nth] for nth in order]
        contacts.tell(*arriving, *arriving)
        seen.append(ana)
        everything += news
    applied(*everything)
    for ana in seen:
        lead = pipeline.ask(leads.get_lead, contact_id=ana)
        assert (lead["stage"], lead["assigned_to"], lead["display_name"]) == ("Won", ben, "Ana Svobodová")
        listener.wait_for("lead.won", subject=ana)
        assert len(listener.of("lead.entered", subject=ana)) == 1


def test_who_is_entered_as_a_customer_is_not_on_the_board(
    pipeline: LivingHouse, contacts: Contacts, applied: Callable[..., None]
) -> None:
    ana = new_id()
    news = [created(ana, entered_as="customer"), became(ana, "customer", 2)]
    contacts.tell(*news)
    applied(*news)
    with pipeline.database("pipeline").connect() as connection:
        row = connection.exec_driver_sql("SELECT stage_id FROM leads WHERE contact_id = %s", (ana,)).one()
    assert row.stage_id is None


def test_an_older_version_takes_nothing_back(
    pipeline: LivingHouse, contacts: Contacts, a_lead: Callable[..., str], applied: Callable[..., None]
) -> None:
    ana, ben, cleo = a_lead(), new_id(), new_id()
    news = [changed(ana, 5, assigned_to=ben), changed(ana, 4, assigned_to=cleo), became(ana, "customer", 3)]
    news.append(became(ana, "lead", 2))
    contacts.tell(*news)
    applied(*news)
    lead = pipeline.ask(leads.get_lead, contact_id=ana)
    assert (lead["assigned_to"], lead["stage"]) == (ben, "Won")
