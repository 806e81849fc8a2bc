"""Relations: who is whose family, guardian, friend, partner or colleague, told from either side."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.contacts.introducing import Introduced, Named
from contracts.contacts.words import RELATIONS
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

ROLES = tuple(role for roles in RELATIONS.values() for role in roles)


class SharedUse(Schema):
    """A membership that both use now; `owner_id` is who pays: one of the two, or somebody else."""

    subscription_id = Id(required=True)
    name = fields.String(required=True)
    owner_id = Id(required=True)


class Relation(Schema):
    """Seen from one side: `related` is the `role` of `contact`, who is the `inverse_role` of `related`."""

    id = Id(required=True)
    contact = fields.Nested(Named, required=True)
    related = fields.Nested(Named, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(tuple(RELATIONS)))
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    inverse_role = fields.String(required=True, validate=validate.OneOf(ROLES))
    note = fields.String(required=True, allow_none=True)
    shared_memberships = fields.List(fields.Nested(SharedUse), required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)


def _role() -> fields.String:
    told = {"description": "what the related contact is to this one, such as guardian of a ward"}
    return fields.String(validate=validate.OneOf(ROLES), metadata=told)


class AddRelation(NoCardNumbers):
    """Either `related_id` names a contact, or `person` is entered as one, with the acquisition `related_contact`."""

    contact_id = Id(required=True)
    related_id = Id()
    person = fields.Nested(Introduced)
    kind = fields.String(required=True, validate=validate.OneOf(tuple(RELATIONS)))
    role = _role()
    note = Text(max=500, multiline=True)


class OneRelation(Schema):
    """`contact_id` says from which side it is seen."""

    contact_id = Id(required=True)
    relation_id = Id(required=True)


class ChangeRelation(OneRelation, NoCardNumbers):
    kind = fields.String(validate=validate.OneOf(tuple(RELATIONS)))
    role = _role()
    note = Text(max=500, multiline=True, allow_none=True)


class ListRelations(PageRequest):
    """Of a contact; with `related_id` those to this one contact."""

    contact_id = Id(required=True)
    related_id = Id()
    kind = fields.String(validate=validate.OneOf(tuple(RELATIONS)))
    sort = Sort("newest", "oldest")


add_relation = Rpc(
    "contacts", "add_relation", needs="contacts.write", takes=AddRelation, gives=Relation,
    raises=(NotFound, Merged, Conflict, Invalid),
    about="Relate two contacts, once for each kind; told on the timelines of both.",
)  # fmt: skip
get_relation = Rpc(
    "contacts", "get_relation", needs="contacts.read", takes=OneRelation, gives=Relation, raises=(NotFound, Merged),
    writes=False,
)  # fmt: skip
list_relations = Rpc(
    "contacts", "list_relations", needs="contacts.read", takes=ListRelations, gives=page_of(Relation),
    raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip
change_relation = Rpc(
    "contacts", "change_relation", needs="contacts.write", takes=ChangeRelation, gives=Relation,
    raises=(NotFound, Merged, Conflict, Invalid, Stale),
)  # fmt: skip
remove_relation = Rpc(
    "contacts", "remove_relation", needs="contacts.write", takes=OneRelation,
    raises=(NotFound, Merged, Conflict, Stale),
)  # fmt: skip


class RelationTold(Schema):
    """Told twice, once for each side: the subject is the contact, of whom the related one is the `role`."""

    relation_id = Id(required=True)
    contact_name = fields.String(required=True)
    related_id = Id(required=True)
    related_name = fields.String(required=True)
    kind = fields.String(required=True)
    role = fields.String(required=True)
    version = fields.Integer(required=True)


class RelationChanged(RelationTold):
    """`changes` as this side sees them."""

    changes = Changes()


_NAMES = ("contact_name", "related_name")
relation_added = Event("contacts", "relation.added", data=RelationTold, personal=_NAMES)
relation_changed = Event(
    "contacts", "relation.changed", data=RelationChanged, personal=(*_NAMES, "changes")
)  # fmt: skip
relation_removed = Event("contacts", "relation.removed", data=RelationTold, personal=_NAMES)
