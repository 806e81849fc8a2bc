"""Under which id other systems know a contact: a booking tool, the studio software it came from, a CRM."""

from __future__ import annotations

from marshmallow import fields

from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of


class ExternalIdOfContact(Schema):
    """`system` is compared without letter case, `value` as it is."""

    contact_id = Id(required=True)
    system = Text(required=True, min=1, max=60)
    value = Text(required=True, min=1, max=200)


class ListExternalIds(PageRequest):
    """Those of one contact, or whoever has this `value` (in this `system`); by system and value."""

    contact_id = Id()
    system = Text(max=60)
    value = Text(max=200)
    sort = Sort("value", "-value")


class ExternalId(Schema):
    contact_id = Id(required=True)
    system = fields.String(required=True)
    value = fields.String(required=True)
    given_at = Moment(required=True)


class ExternalIdTold(Schema):
    system = fields.String(required=True)
    value = fields.String(required=True)


add_external_id = Rpc(
    "contacts", "add_external_id", needs="contacts.write", takes=ExternalIdOfContact, gives=ExternalId,
    raises=(NotFound, Merged, Conflict, Invalid),
    about="Note the id that another system has for a contact; in one system, an id is one contact's.",
)  # fmt: skip
get_external_id = Rpc(
    "contacts", "get_external_id", needs="contacts.read", takes=ExternalIdOfContact, gives=ExternalId,
    raises=(NotFound, Merged), writes=False,
)  # fmt: skip
remove_external_id = Rpc(
    "contacts", "remove_external_id", needs="contacts.write", takes=ExternalIdOfContact, gives=ExternalId,
    raises=(NotFound, Merged, Conflict, Stale), about="If-Match names the version of the contact.",
)  # fmt: skip
list_external_ids = Rpc(
    "contacts", "list_external_ids", needs="contacts.read", takes=ListExternalIds, gives=page_of(ExternalId),
    raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip

external_id_added = Event("contacts", "external_id.added", data=ExternalIdTold)
external_id_removed = Event("contacts", "external_id.removed", data=ExternalIdTold)
