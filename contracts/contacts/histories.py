"""The history of whatever is managed and is no contact: who changed what of it, when, before and after."""

from __future__ import annotations

from marshmallow import fields

from contracts.contacts.timeline import TimelineActor
from contracts.errors import Invalid, NotFound
from contracts.language import Id, Moment, PageRequest, Rpc, Schema, Sort, page_of

_NAMED_BY_THEMSELVES = (
    "location", "custom_field", "tag", "group", "segment", "team_member", "api_key", "session", "import_mapping",
    "package", "stage", "tax_rate", "form", "promo_code",
)  # fmt: skip
MANAGED = {thing: f"{thing}_id" for thing in _NAMED_BY_THEMSELVES} | {
    "stage_rule": "rule_id",
    "assignment_rule": "rule_id",
    "agreement_template": "template_id",
    "message_template": "template_id",
    "session_series": "series_id",
}
"""What has a history of its own: the events `<thing>.<what happened>` of no subject, and by what they name the thing.

The things of every service: contacts hears all of them, keeps what a cut log has forgotten, and answers for all.
"""
SINGLE = ("settings", "reward_rule")
"""What has one too, and there is only one of it: no id names it."""


class ListHistory(PageRequest):
    """What was changed, the newest first unless told otherwise."""

    since = Moment(metadata={"description": "at this moment or after it"})
    until = Moment(metadata={"description": "before this moment"})
    sort = Sort("newest", "oldest")


class HistoryEntry(Schema):
    """One change: `changes` is empty where it was made or deleted; `data` is all that was told of it."""

    id = Id(required=True, metadata={"description": "the id of the event"})
    type = fields.String(required=True)
    happened_at = Moment(required=True)
    actor = fields.Nested(TimelineActor, required=True, allow_none=True)
    changes = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), required=True)
    data = fields.Dict(keys=fields.String(), required=True)


def _history_of(thing: str, needs: str) -> Rpc:
    """Who may read the thing may read its history, also when the thing itself is deleted."""
    name = "".join(word.capitalize() for word in thing.split("_"))
    takes = type(f"List{name}History", (ListHistory,), {MANAGED[thing]: Id(required=True), "__doc__": None})
    return Rpc(
        "contacts", f"list_{thing}_history", needs=needs, takes=takes, gives=page_of(HistoryEntry),
        raises=(Invalid, NotFound), writes=False, about="Read who changed what of it, a moment after it happened.",
    )  # fmt: skip


list_settings_history = Rpc(
    "contacts", "list_settings_history", needs="settings.read", takes=ListHistory, gives=page_of(HistoryEntry),
    raises=(Invalid,), writes=False, about="Read who changed what in the settings, a moment after it happened.",
)  # fmt: skip
list_reward_rule_history = Rpc(
    "contacts", "list_reward_rule_history", needs="billing.read", takes=ListHistory, gives=page_of(HistoryEntry),
    raises=(Invalid,), writes=False, about="Read who changed what referrals earn, a moment after it happened.",
)  # fmt: skip
list_location_history = _history_of("location", "settings.read")
list_custom_field_history = _history_of("custom_field", "settings.read")
list_tag_history = _history_of("tag", "contacts.read")
list_group_history = _history_of("group", "contacts.read")
list_segment_history = _history_of("segment", "contacts.read")
list_team_member_history = _history_of("team_member", "team.read")
list_api_key_history = _history_of("api_key", "team.manage")
list_session_history = _history_of("session", "bookings.read")
list_session_series_history = _history_of("session_series", "bookings.read")
list_import_mapping_history = _history_of("import_mapping", "contacts.import")
list_package_history = _history_of("package", "billing.read")
list_tax_rate_history = _history_of("tax_rate", "billing.read")
list_promo_code_history = _history_of("promo_code", "billing.read")
list_stage_history = _history_of("stage", "pipeline.read")
list_stage_rule_history = _history_of("stage_rule", "pipeline.read")
list_assignment_rule_history = _history_of("assignment_rule", "pipeline.read")
list_form_history = _history_of("form", "documents.read")
list_agreement_template_history = _history_of("agreement_template", "documents.read")
list_message_template_history = _history_of("message_template", "messages.read")
