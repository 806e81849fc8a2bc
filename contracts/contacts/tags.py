"""Tags: words that a business puts on its contacts."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from contracts.errors import Conflict, Invalid, Merged, NotFound
from contracts.language import Event, Id, PageRequest, Rpc, Schema, Text, page_of


class TagName(Text):
    """A tag as typed, 60 characters at most; letter case and repeated spaces do not make another tag."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min=1, max=60, **kwargs)


class TagOfContact(Schema):
    contact_id = Id(required=True)
    tag = TagName(required=True)


class TagsOfContact(Schema):
    """A contact's tags after the change, by name; `changed` says whether there was anything to do."""

    contact_id = Id(required=True)
    tags = fields.List(fields.String(), required=True)
    changed = fields.Boolean(required=True)


class ListTags(PageRequest):
    """All tags of the business, or only those that `contact_id` has."""

    contact_id = Id()


class Tag(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    system = fields.Boolean(
        required=True, metadata={"description": "applied and removed by the system alone, never by hand"}
    )


class ContactTagged(Schema):
    tag = fields.String(required=True)


add_tag = Rpc(
    "contacts",
    "add_tag",
    needs="contacts.write",
    takes=TagOfContact,
    gives=TagsOfContact,
    raises=(NotFound, Merged, Conflict, Invalid),
    about="Put a tag on a contact; a new one is made on the fly, a system tag is refused.",
)
remove_tag = Rpc(
    "contacts",
    "remove_tag",
    needs="contacts.write",
    takes=TagOfContact,
    gives=TagsOfContact,
    raises=(NotFound, Merged, Conflict, Invalid),
    about="Take a tag off a contact; taking off what is not there changes nothing.",
)
list_tags = Rpc(
    "contacts",
    "list_tags",
    needs="contacts.read",
    takes=ListTags,
    gives=page_of(Tag),
    raises=(NotFound, Merged, Invalid),
    writes=False,
    about="List the tags of the business, or of one contact, by name.",
)

contact_tagged = Event("contacts", "contact.tagged", data=ContactTagged, about="A tag was put on a contact.")
contact_untagged = Event("contacts", "contact.untagged", data=ContactTagged, about="A tag was taken off a contact.")
