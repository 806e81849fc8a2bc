"""Writing what a step came to: a handful of statements, however many rows; and what it takes to undo each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.rows import insert_rows
from contracts.errors import Conflict, Problem
from services.contacts.card.actions.archiving import restore_contacts
from services.contacts.card.actions.changing import Change, change_contacts
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft
from services.contacts.contact.actions import give_new_versions, hold_contacts, keep_numbers_free_of
from services.contacts.external_ids.actions import add_external_ids
from services.contacts.importing.actions.bringing import bring_along, bring_beside
from services.contacts.importing.model import Import, ImportRow
from services.contacts.importing.rules.matching import Crowd
from services.contacts.importing.rules.persons import Outcome, Person
from services.contacts.notes.actions import add_notes
from services.contacts.tags.actions import add_tags

Effects = dict[str, dict[str, Any]]
"""Contact id → what a step did to it, as `actions.undoing` reads it; `created` is the version that it was left at."""


def keep_people(
    work: Any, crowd: Crowd, record: Import, system: str, of_rows: Mapping[int, Person]
) -> tuple[Effects, dict[str, Problem]]:
    """Enter the new, change the known, then give them their numbers, tags, notes and what else the file says.

    `of_rows` is who the rows at hand are about. Tells what was done to whom, and who could not be changed and why.
    """
    effects: Effects = {}
    entered = crowd.employers.entered
    _enter(work, [*crowd.new, *(company for company in entered if company.id is None)], effects)
    refused = _change(work, [person for person in crowd.known if person.is_changed or person.is_back], effects)
    everybody = [person for person in (*crowd.new, *crowd.known) if person.id not in refused]
    _number(work, everybody, system, effects)
    tags = add_tags(work, {str(person.id): person.new_tags for person in everybody if person.new_tags})
    for contact_id, added in tags.items():
        effects.setdefault(contact_id, {})["tags"] = sorted(added)
    notes = add_notes(work, {str(person.id): person.new_notes for person in everybody if person.new_notes})
    for note in notes:
        effects.setdefault(note["contact_id"], {}).setdefault("notes", []).append(note["id"])
    bring_beside(work, everybody, f"file {record.file_name}"[:200], effects)
    bring_along(work, everybody, of_rows, effects)
    for effect in effects.values():
        effect["at"] = work.now.isoformat()
    return effects, refused


def _enter(work: Any, people: Sequence[Person], effects: Effects) -> None:
    drafts = [
        Draft(
            one.card,
            entered_as="lead" if one.has_row else "customer",  # who is entered as no lead stands on no board
            acquisition="import",
            customer_since=one.customer_since,
            membership_number=one.new_membership_number,
        )
        for one in people
    ]
    for person, entered in zip(people, add_contacts(work, drafts) if drafts else (), strict=True):
        if entered.contact_id is None:
            raise Conflict("Somebody entered one of these people in the same moment; the step is done again.")
        person.id = entered.contact_id
        effects[person.id] = {"created": 1}


def _change(work: Any, people: Sequence[Person], effects: Effects) -> dict[str, Problem]:
    if not people:
        return {}
    held = hold_contacts(work, [str(one.id) for one in people if one.is_back])
    back = {contact.id: contact.version + 1 for contact in held.values()}
    if held:
        restore_contacts(work, list(held.values()))
    changes = [
        Change(
            str(one.id),
            {},
            card=one.card,
            customer_since=one.customer_since,
            membership_number=one.new_membership_number,
            replaces_customer_since=one.customer_since is not None,
        )
        for one in people
    ]
    refused: dict[str, Problem] = {}
    for changed in change_contacts(work, changes):
        if changed.problem:
            refused[changed.contact_id] = changed.problem
        elif changed.contact_id in back:
            effects[changed.contact_id] = {"created": back[changed.contact_id] + bool(changed.fields)}
        elif changed.fields:
            effects[changed.contact_id] = {"changes": changed.fields}
    return refused


def _number(work: Any, people: Sequence[Person], system: str, effects: Effects) -> None:
    keep_numbers_free_of(work, [one.new_membership_number for one in people if one.new_membership_number])
    wanted = [(str(person.id), system, value) for person in people for value in person.new_external_ids]
    seen = {str(person.id) for person in people if person.before is not None}
    unchanged = seen - effects.keys()
    for contact_id, of, value in add_external_ids(work, wanted):
        effect = effects.setdefault(contact_id, {})
        effect.setdefault("external_ids", []).append([of, value])
        if contact_id in unchanged:
            effect["versions"] = 1
    if newer := {id for id in unchanged if "versions" in effects.get(id, {})}:
        give_new_versions(work, newer)


def keep_outcomes(
    work: Any, import_id: str, outcomes: Sequence[Outcome], companies: Sequence[Person], effects: Effects
) -> None:
    """Keep for each row what became of it, and with the first that touched a contact what the step did to it.

    A company that only its people are rows of has the line of the first of them, turned round.
    """
    rows = []
    for outcome in outcomes:
        person = outcome.person
        first = person is not None and person.first_line == outcome.line
        rows.append(_row(import_id, outcome, effects.get(str(person.id)) if person and first else None))
    for company in companies:
        outcome = Outcome(-(company.implied_by or 0), "created", company)
        rows.append(_row(import_id, outcome, None if company.first_line else effects.get(str(company.id))))
    insert_rows(work.session, ImportRow.__table__, rows)


def _row(import_id: str, outcome: Outcome, effect: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "line": outcome.line,
        "outcome": outcome.outcome,
        "contact_id": outcome.person.id if outcome.person else None,
        "reasons": outcome.remarks or None,
        "cells": outcome.cells,
        "told": outcome.told or None,
        "effects": effect,
        "undone": None,
        "undo_remarks": None,
    }
