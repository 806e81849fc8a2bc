"""The system puts its tags on thousands at once, beside the business's own of the same word."""

from __future__ import annotations

import datetime as dt

import pytest

from contracts.contacts.tags import contact_tagged, contact_untagged
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft, read_card
from services.contacts.tags.actions import add_tags, apply_system_tags, drop_system_tags, remove_tags
from services.contacts.tags.queries import defined_by_business, names_of
from tests.builders.works import a_clockwork

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.mark.requirement("C21")
def test_only_what_is_new_or_was_there_is_told_and_it_says_that_the_system_did_it(servers):
    with a_clockwork(servers, now=NOW) as clockwork:
        with clockwork.work() as work:
            cards = [read_card({"first_name": f"Ada {n}"}, region="GB", today=NOW.date()) for n in range(3)]
            ada, bea, eve = (one.contact_id for one in add_contacts(work, [Draft(card) for card in cards]))
            add_tags(work, {ada: ["Trial"]})
        with clockwork.work() as work:
            assert apply_system_tags(work, {ada: ["trial", "paused"], bea: ["trial"]}).keys() == {ada, bea}
            assert apply_system_tags(work, {bea: ["trial"]}) == {}
        with clockwork.work() as work:
            assert defined_by_business(work, ["trial", "lapsed"]) == {"trial"}
            assert drop_system_tags(work, {ada: ["trial", "lapsed"], eve: ["trial"]}) == {ada: {"trial": "trial"}}
            assert (names_of(work, ada), names_of(work, bea)) == (["paused", "Trial"], ["trial"])
            assert remove_tags(work, {ada: ["TRIAL", "paused"], bea: ["trial"]}) == {ada: {"trial": "Trial"}}
        told = clockwork.told(contact_tagged, contact_untagged)
        assert {(event.type, event.subject, event.data.tag, event.data.system) for event in told} == {
            ("contact.tagged", ada, "Trial", False),
            ("contact.tagged", ada, "trial", True),
            ("contact.tagged", ada, "paused", True),
            ("contact.tagged", bea, "trial", True),
            ("contact.untagged", ada, "trial", True),
            ("contact.untagged", ada, "Trial", False),
        }
        with clockwork.work() as work, pytest.raises(ValueError, match="no tags"):
            apply_system_tags(work, {ada: ["made up"]})
