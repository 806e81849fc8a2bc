"""What can be done to many contacts: each in a handful of statements, with one event for each contact changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from contracts.contacts.bulk import message_asked
from contracts.errors import NotFound
from services.contacts.bulk.model import BulkAction
from services.contacts.card.actions.archiving import restore_contacts
from services.contacts.card.actions.changing import Change, change_contacts
from services.contacts.consent.queries import decisions_of
from services.contacts.contact.model import Contact
from services.contacts.groups.actions import put_into_group, take_out_of_group
from services.contacts.groups.model import Group, GroupMember
from services.contacts.people.model import Email
from services.contacts.tags.actions import tag_all, untag_all


class Result(NamedTuple):
    """What became of one contact, and why."""

    outcome: str
    detail: str | None = None


Results = dict[str, Result]
Deed = Callable[[Any, BulkAction, Sequence[Any]], Results]
"""`contacts` are rows, held until the step is done: of active ones, or of archived ones to be restored."""

STRICTEST = "marketing"
"""What a message is taken for whose bulk action was begun before it kept the purpose."""
CHANGED, UNCHANGED = Result("changed"), Result("unchanged")
ALIKE = {"add_tags", "remove_tags", "add_to_group", "remove_from_group"}
"""What is one statement for all, with events that say the same of each."""
STANDING_AFTER = {"archive": "archived", "restore": "active"}


def _changed(contacts: Sequence[Any], changed: Collection[str]) -> Results:
    return {contact.id: CHANGED if contact.id in changed else UNCHANGED for contact in contacts}


def _restore(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    restore_contacts(work, contacts)
    return dict.fromkeys((contact.id for contact in contacts), CHANGED)


def _tag(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    return _changed(contacts, tag_all(work, [contact.id for contact in contacts], bulk.parameters["tags"]))


def _untag(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    return _changed(contacts, untag_all(work, [contact.id for contact in contacts], bulk.parameters["tags"]))


def _group(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    group, members = _group_and_members(work, bulk, contacts)
    joining = [contact.id for contact in contacts if contact.id not in members]
    put_into_group(work, group, joining)
    return _changed(contacts, joining)


def _ungroup(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    group, members = _group_and_members(work, bulk, contacts)
    take_out_of_group(work, group, members)
    return _changed(contacts, members)


def _group_and_members(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> tuple[Group, set[str]]:
    """Nobody joins or leaves while the contacts are held; nobody deletes the group while it is."""
    group = work.session.get(Group, bulk.parameters["group_id"], with_for_update={"read": True})
    if group is None or group.deleted_at:
        raise NotFound("There is no such group any more.")
    members = select(GroupMember.contact_id).where(
        GroupMember.group_id == group.id, GroupMember.contact_id.in_([contact.id for contact in contacts])
    )
    return group, set(work.session.scalars(members))


def _assign(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    member = bulk.parameters["assigned_to"]
    bound = {
        contact.id: Result("refused", "A lead entered by hand needs a team member who looks after it.")
        for contact in contacts
        if member is None and contact.acquisition == "manual" and contact.lifecycle == "lead"
    }
    free = [contact for contact in contacts if contact.id not in bound]
    return bound | _change(work, free, {"assigned_to": member})


def _set_lead_status(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    return _change(work, contacts, {"lead_status": bulk.parameters["lead_status"]})


def _set_field(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    name, value = bulk.parameters["field"], bulk.parameters["value"]
    custom = name.removeprefix("fields.")
    return _change(work, contacts, {name: value} if custom == name else {"fields": {custom: value}})


def _change(work: Any, contacts: Sequence[Any], given: Mapping[str, Any]) -> Results:
    outcomes = change_contacts(work, [Change(contact.id, given) for contact in contacts])
    return {
        one.contact_id: Result("refused", _why(one.problem)) if one.problem else CHANGED if one.fields else UNCHANGED
        for one in outcomes
    }


def _why(problem: Any) -> str:
    return problem.detail or "; ".join(error["detail"] for error in problem.errors)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _ask_for_message(work: Any, bulk: BulkAction, contacts: Sequence[Any]) -> Results:
    """Hand over whom we may send this, each with its address; notifications queues one message for each contact,
    however often it hears."""
    channel, purpose = bulk.parameters.get("channel", "email"), bulk.parameters.get("purpose")
    decisions = decisions_of(
        work, [contact.id for contact in contacts], channel=channel, purpose=purpose or STRICTEST
    )  # fmt: skip
    unwilling = {id: Result("refused", _sentence(one.because)) for id, one in decisions.items() if not one.allowed}
    willing = [contact for contact in contacts if contact.id not in unwilling]
    return unwilling | _hand_over(work, bulk, willing, purpose)


def _hand_over(work: Any, bulk: BulkAction, contacts: Sequence[Any], purpose: str | None) -> Results:
    columns = Contact.id, Contact.display_name, Contact.first_name, Contact.preferred_name, Contact.version, Email.value
    wanted = select(*columns).join(Email, Email.contact_id == Contact.id).where(Email.is_primary)
    rows = work.session.execute(wanted.where(Contact.id.in_([contact.id for contact in contacts]))).all()
    told = [
        (
            row.id,
            {
                "bulk_id": bulk.id,
                "template_id": bulk.parameters["template_id"],
                "display_name": row.display_name,
                "first_name": row.preferred_name or row.first_name,
                "email": row.value,
                "version": row.version,
                "purpose": purpose,
            },
        )
        for row in rows
    ]
    work.record_many(message_asked, told)
    reached = {contact_id for contact_id, _ in told}
    return {
        contact.id: Result("asked") if contact.id in reached else Result("refused", "There is no e-mail address.")
        for contact in contacts
    }


DEEDS: dict[str, Deed] = {
    "restore": _restore,
    "add_tags": _tag,
    "remove_tags": _untag,
    "add_to_group": _group,
    "remove_from_group": _ungroup,
    "assign": _assign,
    "set_lead_status": _set_lead_status,
    "set_field": _set_field,
    "send_message": _ask_for_message,
}
