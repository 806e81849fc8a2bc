"""Keys by which other systems use the API: each has a name, and may what its scopes say."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.access import PERMISSIONS
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

PREFIX = "rapport_"
"""A key is `rapport_<id without dashes>_<secret>`: whoever looks for leaked secrets finds it by its beginning."""
SCOPES = tuple(sorted(set(PERMISSIONS) - {"system", "team.manage"}))
"""The permissions that a key may carry; one that could make accounts could make itself anything."""


class ApiKey(Schema):
    """What is known of a key; the key itself is told once, in the answer to making it."""

    id = Id(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    made_at = Moment(required=True)
    made_by = Id(allow_none=True)
    made_by_left = Boolean(
        required=True, metadata={"description": "who made it does not work here any more; the key is as good as before"}
    )
    expires_at = Moment(allow_none=True)
    last_used_at = Moment(allow_none=True, metadata={"description": "to within a quarter of an hour; null: never used"})
    revoked_at = Moment(allow_none=True)
    version = fields.Integer(required=True)


class NewApiKey(ApiKey):
    key = fields.String(required=True, metadata={"description": "send it as `Authorization: Bearer …`; told only here"})


class MakeApiKey(Schema):
    """`scopes` are permissions of your own; without `expires_at` the key is good until it is revoked."""

    name = Text(required=True, min=1, max=100)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)), required=True, validate=validate.Length(1, len(SCOPES))
    )
    expires_at = Moment(allow_none=True, load_default=None)


class ApiKeyId(Schema):
    api_key_id = Id(required=True)


class ListApiKeys(PageRequest):
    """`active`: those that are good now when true, those revoked or expired when false, all without it.

    `active=true` and `made_by_left=true` are the keys to look through when somebody has left.
    """

    active = Boolean()
    made_by_left = Boolean()
    sort = Sort("newest", "oldest", "name", "-name")


class ChangeApiKey(Schema):
    """Only the name: for other scopes make another key."""

    api_key_id = Id(required=True)
    name = Text(min=1, max=100)


class UseApiKey(Schema):
    """`secret_hash` is the SHA-256 of the key's secret, in hexadecimal: the secret itself stays at the door."""

    api_key_id = Id(required=True)
    secret_hash = fields.String(required=True, validate=validate.Length(equal=64))


make_api_key = Rpc(
    "contacts", "make_api_key", needs="team.manage", takes=MakeApiKey, gives=NewApiKey, raises=(Invalid, Forbidden),
    remembered=False,
    about="The key is kept nowhere and told once; asked again, another key is made.",
)  # fmt: skip
list_api_keys = Rpc(
    "contacts", "list_api_keys", needs="team.manage", takes=ListApiKeys, gives=page_of(ApiKey), raises=(Invalid,),
    writes=False,
)  # fmt: skip
get_api_key = Rpc(
    "contacts", "get_api_key", needs="team.manage", takes=ApiKeyId, gives=ApiKey, raises=(NotFound,), writes=False
)
change_api_key = Rpc(
    "contacts", "change_api_key", needs="team.manage", takes=ChangeApiKey, gives=ApiKey,
    raises=(Invalid, NotFound, Conflict, Stale), about="A revoked key keeps the name that it had.",
)  # fmt: skip
revoke_api_key = Rpc(
    "contacts", "revoke_api_key", needs="team.manage", takes=ApiKeyId, gives=ApiKey, raises=(NotFound, Stale),
    about="Whoever uses it is refused within a second. Revoking twice is harmless; a revoked key stays in the list.",
)  # fmt: skip
use_api_key = Rpc(
    "contacts", "use_api_key", needs="system", takes=UseApiKey, gives=ApiKey, raises=(NotSignedIn,), remembered=False,
    about="Asked by the gateway; an unknown key, a wrong secret, one that expired or was revoked are answered alike.",
)  # fmt: skip


class ApiKeyTold(Schema):
    api_key_id = Id(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)


class ApiKeyChanged(ApiKeyTold):
    changes = Changes()


api_key_made = Event("contacts", "api_key.made", data=ApiKeyTold)
api_key_changed = Event("contacts", "api_key.changed", data=ApiKeyChanged)
api_key_revoked = Event("contacts", "api_key.revoked", data=ApiKeyTold)
