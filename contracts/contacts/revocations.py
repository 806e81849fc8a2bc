"""What makes a token worthless, or worth something else, before it expires."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.team import TeamMemberChanged
from contracts.language import Event, Id, Rpc, Schema


class TeamSessionEnded(Schema):
    session_id = Id(required=True)
    team_member_id = Id(required=True)
    reason = fields.String(
        required=True, validate=validate.OneOf(("signed_out", "token_reused", "deactivated", "password_changed"))
    )


class ListRevocations(Schema):
    """Asking for those of the last so many seconds."""

    seconds = fields.Integer(required=True, validate=validate.Range(1, 24 * 3600))


class Revocations(Schema):
    ended_sessions = fields.List(Id(), required=True)
    revoked_api_keys = fields.List(Id())
    changed_members = fields.List(fields.Nested(TeamMemberChanged), required=True)


list_revocations = Rpc(
    "contacts", "list_revocations", needs="system", takes=ListRevocations, gives=Revocations, writes=False,
    about="What somebody has missed who listens to `team_session.ended`, `member_session.ended`, `api_key.revoked` and "
    "`team_member.changed` from now on.",
)  # fmt: skip

team_session_ended = Event(
    "contacts", "team_session.ended", data=TeamSessionEnded,
    about="Whoever admits people by their access tokens refuses this session's from now on.",
)  # fmt: skip
