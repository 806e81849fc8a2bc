"""Importing files of contacts: a job that tells line by line what became of them."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Invalid, NotFound
from contracts.language import Event, Id, Moment, PageRequest, Rpc, Schema, Text, page_of

TARGETS = (
    "first_name",
    "middle_name",
    "last_name",
    "full_name",
    "preferred_name",
    "company",
    "gender",
    "birthday",
    "email",
    "phone",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "tags",
    "note",
    "website",
    "industry",
    "customer_since",
)
"""What a column can be mapped to by hand; several columns may share `email`, `phone`, `tags` and `note`."""

LEFT_OUT = "-"
"""Mapped to this, a column is not read."""


class StartImport(Schema):
    file_key = Text(required=True, min=1, max=300, metadata={"description": "where the storage keeps the file"})
    file_digest = Text(max=128, metadata={"description": "tells one file from another, wherever each is kept"})
    file_name = Text(required=True, min=1, max=255)
    mapping = fields.Dict(
        keys=fields.String(validate=validate.Length(max=300)),
        values=fields.String(allow_none=True, validate=validate.OneOf([*TARGETS, LEFT_OUT])),
        validate=validate.Length(max=500),
        metadata={"description": "column header → field, null: not read; columns not named are mapped by their header"},
    )
    match_on = fields.List(
        fields.String(validate=validate.OneOf(["email", "phone"])),
        validate=validate.Length(min=1, max=2),
        load_default=["email"],
        metadata={"description": "what makes a row and a contact the same, tried in this order"},
    )
    mode = fields.String(
        validate=validate.OneOf(["create", "update", "both"]),
        load_default="both",
        metadata={"description": "create: known contacts stay as they are; update: nobody new"},
    )


class ImportStarted(Schema):
    """The job; its counts are in its progress: total, done, created, updated, unchanged, rejected, blank."""

    id = Id(required=True, metadata={"description": "of the import and of its job"})
    state = fields.String(required=True)
    file_name = fields.String(required=True)


class Import(Schema):
    id = Id(required=True, metadata={"description": "of the import and of its job"})
    file_name = fields.String(required=True)
    started_at = Moment(required=True)
    mode = fields.String(required=True)
    match_on = fields.List(fields.String(), required=True)
    columns = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        allow_none=True,
        metadata={"description": "column header → what it was read as; null: not read"},
    )


class GetImport(Schema):
    import_id = Id(required=True)


class ListRejects(PageRequest):
    import_id = Id(required=True)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 1000))


class Reason(Schema):
    column = fields.String(required=True, allow_none=True, metadata={"description": "the header of the cell at fault"})
    detail = fields.String(required=True)


class Reject(Schema):
    line = fields.Integer(required=True, metadata={"description": "of the file, the first being 1"})
    reasons = fields.List(fields.Nested(Reason), required=True)
    cells = fields.List(fields.String(), required=True, metadata={"description": "the row as it stood in the file"})


class RejectSheet(Schema):
    """Rejected rows as a sheet: the file's columns, then `Line` and `Reasons`; formulas are defused."""

    file_name = fields.String(required=True)
    header = fields.List(fields.String(), required=True)
    rows = fields.List(fields.List(fields.String()), required=True)
    next = fields.String(allow_none=True)


class ImportFinished(Schema):
    import_id = Id(required=True)
    file_name = fields.String(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)


start_import = Rpc(
    "contacts",
    "start_import",
    needs="contacts.import",
    takes=StartImport,
    gives=ImportStarted,
    raises=(Invalid,),
    incidental=("file_key",),
    about="Import a stored CSV file as a job; doing the same file again creates nobody and changes nothing.",
)
get_import = Rpc(
    "contacts",
    "get_import",
    needs="contacts.import",
    takes=GetImport,
    gives=Import,
    raises=(NotFound,),
    writes=False,
    about="Tell how a file was read; how far it is, is told by its job.",
)
list_rejects = Rpc(
    "contacts",
    "list_rejects",
    needs="contacts.import",
    takes=ListRejects,
    gives=page_of(Reject),
    raises=(NotFound, Invalid),
    writes=False,
    about="List the rows that an import rejected, by line, with the reasons.",
)
sheet_of_rejects = Rpc(
    "contacts",
    "sheet_of_rejects",
    needs="contacts.import",
    takes=ListRejects,
    gives=RejectSheet,
    raises=(NotFound, Invalid),
    writes=False,
    about="Give the rejected rows as a sheet to correct and import again.",
)

import_finished = Event(
    "contacts", "import.finished", data=ImportFinished, about="An import came to its end; it is about no one contact."
)
