"""Starting: what would be refused for everybody is refused at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from contracts.errors import Conflict, Forbidden, Invalid, named_at
from contracts.notifications.templates import get_message_template
from services.contacts.bulk.model import BulkAction
from services.contacts.card.actions.refusals import refuse_absent_member
from services.contacts.fields.queries import fields_of_keys
from services.contacts.groups.model import Group
from services.contacts.selecting.queries import judge_selection
from services.contacts.tags.queries import defined_by_business
from services.contacts.tags.rules import SYSTEM_TAGS, key_of

MESSAGE_CHANNELS = ("email",)


def start_bulk(work: Any, request: Any) -> dict[str, Any]:
    """Queue the job."""
    parameters = request.parameters
    if request.action == "send_message":
        parameters = parameters | _letter(work, parameters["template_id"])  # asked before anything is looked at here
    judge = _JUDGES.get(request.action)
    if judge:
        judge(work, parameters)
    judge_selection(work, request.selection)
    bulk_id = work.start_job("bulk", {"action": request.action})
    work.session.add(
        BulkAction(
            id=bulk_id,
            action=request.action,
            selection=dict(request.selection),
            parameters=parameters,
            started_at=work.now,
            started_by=work.actor.id,
        )
    )
    return {"id": bulk_id, "state": "queued"}


def _by_hand(work: Any, parameters: Mapping[str, Any], *, but: Collection[str] = ()) -> None:
    keys = [key_of(tag) for tag in parameters["tags"]]
    errors = [
        {"pointer": f"/parameters/tags/{place}", "detail": f"“{tag}” is put on and taken off by the system."}
        for place, (key, tag) in enumerate(zip(keys, parameters["tags"], strict=True))
        if key in SYSTEM_TAGS and key not in but
    ]
    if errors:
        raise Conflict("Tags of the system are not for hands.", errors)
    if not all(keys):
        raise Invalid.field(f"/parameters/tags/{keys.index('')}", "A tag needs letters.")


def _off_by_hand(work: Any, parameters: Mapping[str, Any]) -> None:
    """What an import brought may be called as a tag of the system is: that one is the business's."""
    _by_hand(work, parameters, but=defined_by_business(work, map(key_of, parameters["tags"])))


def _group_is_there(work: Any, parameters: Mapping[str, Any]) -> None:
    group = work.session.get(Group, parameters["group_id"])
    if group is None or group.deleted_at:
        raise Invalid.field("/parameters/group_id", "There is no such group.")


def _member_works_here(work: Any, parameters: Mapping[str, Any]) -> None:
    try:
        refuse_absent_member(work, parameters["assigned_to"])
    except Invalid as refusal:
        raise Invalid.field("/parameters/assigned_to", refusal.detail) from None


def _field_is_there(work: Any, parameters: Mapping[str, Any]) -> None:
    key = parameters["field"].removeprefix("fields.")
    if key != parameters["field"] and key not in fields_of_keys(work, [key]):
        raise Invalid.field("/parameters/field", "There is no custom field of this key.")


def _letter(work: Any, template_id: str) -> dict[str, str]:
    """By which channel and for which purpose the template is sent: to that each contact has to agree."""
    if not work.actor.may("messages.send"):
        raise Forbidden("Sending messages needs the permission messages.send.")
    pointer = "/parameters/template_id"
    with named_at(pointer):
        template = work.ask(get_message_template, template_id=template_id)
    if template["channel"] not in MESSAGE_CHANNELS:
        raise Invalid.field(pointer, f"The template is for {template['channel']}, which is not sent yet.")
    return {"channel": template["channel"], "purpose": template["purpose"]}


_JUDGES: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "add_tags": _by_hand,
    "remove_tags": _off_by_hand,
    "add_to_group": _group_is_there,
    "remove_from_group": _group_is_there,
    "assign": _member_works_here,
    "set_field": _field_is_there,
}
