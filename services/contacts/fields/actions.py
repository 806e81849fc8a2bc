"""Defining custom fields; their values are written with the card."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts import custom_fields as published
from contracts.errors import Conflict, Invalid, NotFound
from services.contacts.contact.model import Contact
from services.contacts.fields.model import CustomField
from services.contacts.fields.rules import distinct, key_of_label
from services.contacts.settings.rules import compared

MOST = 200
"""So many custom fields at most are in use."""
_IN_TURN = 7_110_302
"""The lock under which custom fields are defined one after another."""


def create_custom_field(work: Any, request: Any) -> CustomField:
    """Define a field, which every process knows from now on."""
    key = request.key or key_of_label(request.label)
    if not key:
        raise Invalid.field("/label", "A label needs letters or digits.")
    choices = _choices(request.type, request.choices)
    if request.type == "choice" and choices is None:
        raise Invalid.field("/choices", "A choice needs its choices.")
    _take_turn(work)
    if work.session.scalar(select(CustomField.id).where(CustomField.key == key)):
        raise _conflict("/key" if request.key else "/label", f"The key {key} is another field's.")
    field = CustomField(
        id=new_id(),
        key=key,
        label=request.label,
        label_key=compared(request.label),
        type=request.type,
        choices=choices,
        applies_to=request.applies_to,
        created_at=work.now,
        version=1,
    )
    _refuse_one_too_many(work, field)
    work.session.add(field)
    _tell(work, published.custom_field_created, field)
    return field


def change_custom_field(work: Any, request: Any) -> CustomField:
    """Change what is given, unless contacts would lose a choice that they have."""
    _take_turn(work)
    field = work.session.get(CustomField, request.custom_field_id, with_for_update=True)
    if field is None:
        raise NotFound("There is no such custom field.")
    work.expect(field.version)
    wanted = {name: request[name] for name in ("label", "applies_to") if name in request}
    if "choices" in request:
        wanted["choices"] = _choices(field.type, request.choices)
    if request.archived is not None and request.archived != field.archived:
        wanted["archived_at"] = work.now if request.archived else None
    if wanted.get("choices", field.choices) != field.choices:
        _refuse_lost_choices(work, field, wanted["choices"])
    changes = set_on(field, wanted)
    if not changes:
        return field
    field.label_key = compared(field.label)
    if not field.archived:
        _refuse_one_too_many(work, field)
    field.version += 1
    _tell(work, published.custom_field_changed, field, changes=changes)
    return field


def _take_turn(work: Any) -> None:
    work.session.execute(select(func.pg_advisory_xact_lock(_IN_TURN)))


def _choices(type: str, given: list[str] | None) -> list[str] | None:
    if given is None:
        return None
    if type != "choice":
        raise Invalid.field("/choices", "Only a field of the type choice has choices.")
    if not distinct(given):
        raise Invalid.field("/choices", "Two of the choices are the same.")
    return given


def _refuse_one_too_many(work: Any, field: CustomField) -> None:
    """Two fields of one label could not be told apart in a file; and there is an end to how many there can be."""
    with work.session.no_autoflush:
        others = select(CustomField.label_key).where(CustomField.id != field.id, CustomField.archived_at.is_(None))
        labels = set(work.session.scalars(others))
    if field.label_key in labels:
        raise _conflict("/label", f"Another field is called {field.label}.")
    if len(labels) >= MOST:
        raise Conflict(f"There are {MOST} custom fields already; archive one first.")


def _refuse_lost_choices(work: Any, field: CustomField, choices: list[str]) -> None:
    """Nobody loses a value without anybody having said so."""
    gone = [choice for choice in field.choices or () if choice not in choices]
    if not gone:
        return
    value = Contact.fields[field.key].astext
    held = or_(*(Contact.fields.contains({field.key: choice}) for choice in gone))
    counted = select(value, func.count()).where(held).group_by(value)
    in_use = dict(work.session.execute(counted).tuples().all())
    if in_use:
        told = ", ".join(f"{choice} ({count})" for choice, count in sorted(in_use.items()))
        raise _conflict("/choices", f"Contacts have what is left out: {told}.", in_use=in_use)


def _conflict(pointer: str, detail: str, **extra: Any) -> Conflict:
    return Conflict(detail, [{"pointer": pointer, "detail": detail}], **extra)


def _tell(work: Any, event: Any, field: CustomField, **more: Any) -> None:
    work.record(
        event,
        None,
        custom_field_id=field.id,
        key=field.key,
        label=field.label,
        type=field.type,
        choices=field.choices,
        applies_to=field.applies_to,
        archived=field.archived,
        version=field.version,
        **more,
    )
