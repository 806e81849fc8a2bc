"""Tags: words that a business puts on its contacts."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from contracts.contacts.segments import Cause
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, PageRequest, Rpc, Schema, Sort, Text, page_of


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
    changed = Boolean(required=True)


class ListTags(PageRequest):
    """All tags of the business and of the system, or only those that `contact_id` has."""

    contact_id = Id()
    q = Text(max=60, metadata={"description": "any part of the name"})
    system = Boolean(metadata={"description": "true: only the system's; false: only those of the business"})
    sort = Sort("name", "-name", "newest", "oldest")


class Tag(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    system = Boolean(required=True, metadata={"description": "applied and removed by the system alone, never by hand"})
    meaning = fields.String(
        required=True, allow_none=True, metadata={"description": "of a system tag: when the system puts it on"}
    )
    version = fields.Integer(required=True)


class CountedTag(Tag):
    carried_by = fields.Integer(required=True, metadata={"description": "so many contacts have it"})


class TagId(Schema):
    tag_id = Id(required=True)


class CreateTag(Schema):
    name = TagName(required=True)


class RenameTag(Schema):
    """A merge-patch."""

    tag_id = Id(required=True)
    name = TagName()


class DeleteTag(Schema):
    """`carried_by` is how many are known to have it: with more than those, nothing is deleted."""

    tag_id = Id(required=True)
    carried_by = fields.Integer(validate=validate.Range(0, 2**53))


class TagDeleted(Schema):
    """The tag as it was, and how many contacts had it; a job of this id takes it off them and tells of each."""

    id = Id(required=True)
    name = fields.String(required=True)
    carried_by = fields.Integer(required=True)
    job_id = Id(required=True, allow_none=True)


class MergeTags(Schema):
    """Whoever has `tag_id` has `into` instead."""

    tag_id = Id(required=True)
    into = Id(required=True)


class ContactTagged(Schema):
    """`system`: put on or taken off by the system, with the cause; false or absent: by hand."""

    tag = fields.String(required=True)
    system = Boolean(load_default=False)
    cause = fields.Nested(Cause)


class TagTold(Schema):
    """`before` is the name that it had; null when that is new."""

    tag_id = Id(required=True)
    name = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)


class TagRenamed(TagTold):
    changes = Changes()


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
    about="List the tags of the business and of the system, or of one contact.",
)
create_tag = Rpc(
    "contacts", "create_tag", needs="settings.manage", takes=CreateTag, gives=Tag, raises=(Invalid, Conflict)
)
get_tag = Rpc(
    "contacts", "get_tag", needs="contacts.read", takes=TagId, gives=CountedTag, raises=(NotFound,), writes=False
)
rename_tag = Rpc(
    "contacts", "rename_tag", needs="settings.manage", takes=RenameTag, gives=Tag,
    raises=(Invalid, NotFound, Conflict, Stale),
    about="Everybody who has it has it under the new name; a name that another tag has is refused.",
)  # fmt: skip
delete_tag = Rpc(
    "contacts", "delete_tag", needs="settings.manage", takes=DeleteTag, gives=TagDeleted,
    raises=(Invalid, NotFound, Conflict, Stale), about="The tag is gone at once; a job takes it off who has it.",
)  # fmt: skip
merge_tags = Rpc(
    "contacts", "merge_tags", needs="settings.manage", takes=MergeTags, gives=TagDeleted,
    raises=(Invalid, NotFound, Conflict, Stale),
)  # fmt: skip

contact_tagged = Event(
    "contacts", "contact.tagged", data=ContactTagged, personal=("cause",), about="A tag was put on a contact."
)
contact_untagged = Event(
    "contacts", "contact.untagged", data=ContactTagged, personal=("cause",), about="A tag was taken off a contact."
)
tag_created = Event("contacts", "tag.created", data=TagTold, about="It is about no one contact.")
tag_renamed = Event("contacts", "tag.renamed", data=TagRenamed, about="It is about no one contact.")
tag_deleted = Event("contacts", "tag.deleted", data=TagTold, about="It is about no one contact.")
