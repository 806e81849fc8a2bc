"""How columns were mapped, remembered by the header for the next file of that kind."""

from __future__ import annotations

from marshmallow import fields

from contracts.contacts.importing import meanings
from contracts.errors import Invalid, NotFound, Stale
from contracts.language import Changes, Event, Id, Moment, Nothing, PageRequest, Rpc, Schema, Sort, Text, page_of


class ImportMapping(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    headers = fields.List(fields.String(), required=True)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    used_at = Moment(required=True)
    version = fields.Integer(required=True)


class ImportMappingId(Schema):
    import_mapping_id = Id(required=True)


class ListImportMappings(PageRequest):
    q = Text(max=100, metadata={"description": "any part of the name"})
    sort = Sort("newest", "oldest", "name", "-name")


class ChangeImportMapping(Schema):
    """A merge-patch; `mapping` replaces the whole."""

    import_mapping_id = Id(required=True)
    name = Text(min=1, max=100)
    mapping = meanings()


list_import_mappings = Rpc(
    "contacts", "list_import_mappings", needs="contacts.import", takes=ListImportMappings,
    gives=page_of(ImportMapping), raises=(Invalid,), writes=False,
)  # fmt: skip
get_import_mapping = Rpc(
    "contacts", "get_import_mapping", needs="contacts.import", takes=ImportMappingId, gives=ImportMapping,
    raises=(NotFound,), writes=False,
)  # fmt: skip
change_import_mapping = Rpc(
    "contacts", "change_import_mapping", needs="contacts.import", takes=ChangeImportMapping, gives=ImportMapping,
    raises=(NotFound, Invalid, Stale), about="Rename a remembered mapping, or say what it maps.",
)  # fmt: skip
forget_import_mapping = Rpc(
    "contacts", "forget_import_mapping", needs="contacts.import", takes=ImportMappingId, gives=Nothing,
    raises=(NotFound, Stale), about="Files of this header are mapped by their header again.",
)  # fmt: skip


class ImportMappingTold(Schema):
    import_mapping_id = Id(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class ImportMappingChanged(ImportMappingTold):
    changes = Changes()


import_mapping_remembered = Event(
    "contacts", "import_mapping.remembered", data=ImportMappingTold,
    about="A mapping made by hand is remembered for files of its header. It is about no one contact.",
)  # fmt: skip
import_mapping_changed = Event(
    "contacts", "import_mapping.changed", data=ImportMappingChanged,
    about="By hand, or because a file of its header was mapped otherwise. It is about no one contact.",
)  # fmt: skip
import_mapping_forgotten = Event(
    "contacts", "import_mapping.forgotten", data=ImportMappingTold, about="It is about no one contact."
)
