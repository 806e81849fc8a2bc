"""Writing what a step came to: a handful of statements, however many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.rows import insert_rows
from contracts.errors import Conflict, Problem
from services.contacts.card.actions.changing import Change, change_contacts
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft
from services.contacts.importing.model import ImportRow
from services.contacts.importing.rules.matching import Crowd, Outcome, Person
from services.contacts.notes.actions import add_notes
from services.contacts.tags.actions import add_tags


def keep_people(work: Any, crowd: Crowd) -> dict[str, Problem]:
    """Enter the new, change the known, then give them their tags and notes; tell who could not be changed, and why."""
    _enter(work, crowd.new)
    refused = _change(work, [person for person in crowd.known if person.is_changed])
    everybody = [*crowd.new, *crowd.known]
    add_tags(work, {str(person.id): person.new_tags for person in everybody if person.new_tags})
    add_notes(work, {str(person.id): person.new_notes for person in everybody if person.new_notes})
    return refused


def _enter(work: Any, people: Sequence[Person]) -> None:
    drafts = [Draft(one.card, acquisition="import", customer_since=one.customer_since) for one in people]
    for person, entered in zip(people, add_contacts(work, drafts) if drafts else (), strict=True):
        if entered.contact_id is None:
            raise Conflict("Somebody entered one of these people in the same moment; the step is done again.")
        person.id = entered.contact_id


def _change(work: Any, people: Sequence[Person]) -> dict[str, Problem]:
    if not people:
        return {}
    changes = [Change(str(one.id), {}, card=one.card, customer_since=one.customer_since) for one in people]
    return {changed.contact_id: changed.problem for changed in change_contacts(work, changes) if changed.problem}


def keep_outcomes(work: Any, import_id: str, outcomes: Sequence[Outcome]) -> None:
    """Keep for each row what became of it."""
    rows = [
        {
            "import_id": import_id,
            "line": outcome.line,
            "outcome": outcome.outcome,
            "contact_id": outcome.person.id if outcome.person else None,
            "reasons": outcome.remarks or None,
            "cells": outcome.cells,
            "effects": None,
            "undone": None,
            "undo_remarks": None,
        }
        for outcome in outcomes
    ]
    insert_rows(work.session, ImportRow.__table__, rows)
