"""Exports: contacts as a file for a spreadsheet."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.selections import Selection
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.language import Boolean, Id, Moment, PageRequest, Rpc, Schema, Sort, page_of

FORMATS = ("csv", "xlsx")


class StartExport(Schema):
    """`columns` by name in the order of the file; left out, all of them. An empty selection is everybody active."""

    selection = fields.Nested(Selection, load_default=lambda: Selection().load({}))
    columns = fields.List(
        fields.String(validate=validate.Regexp(r"\A(fields\.)?[a-z0-9_]{1,60}\Z")), validate=validate.Length(1, 200)
    )
    format = fields.String(load_default="csv", validate=validate.OneOf(FORMATS))
    bom = Boolean(
        load_default=True, metadata={"description": "begin a CSV file with the mark by which Excel knows UTF-8"}
    )


class ExportStarted(Schema):
    """The job's id is the export's."""

    id = Id(required=True)
    state = fields.String(required=True)


class ExportId(Schema):
    export_id = Id(required=True)


class ListExports(PageRequest):
    """One's own; who runs the place sees everybody's."""

    format = fields.String(validate=validate.OneOf(FORMATS))
    sort = Sort("newest", "oldest")


class Export(Schema):
    """`rows` and `size` (bytes) are known when the job of the same id is done; the file is kept until `kept_until`."""

    id = Id(required=True)
    file_name = fields.String(required=True)
    format = fields.String(required=True)
    columns = fields.List(fields.String(), required=True)
    selection = fields.Dict(required=True)
    rows = fields.Integer(required=True, allow_none=True)
    size = fields.Integer(required=True, allow_none=True)
    started_at = Moment(required=True)
    started_by = fields.String(required=True, allow_none=True)
    kept_until = Moment(required=True, allow_none=True)


class ExportFile(Schema):
    """Where the file lies in object storage, and what to call it when it is handed out."""

    file_key = fields.String(required=True)
    file_name = fields.String(required=True)
    media = fields.String(required=True)


class ExportColumn(Schema):
    """A column that can be asked for by `name`; it fills the columns of these headers."""

    name = fields.String(required=True)
    headers = fields.List(fields.String(), required=True)


class ExportColumns(Schema):
    items = fields.List(fields.Nested(ExportColumn), required=True)


start_export = Rpc(
    "contacts", "start_export", needs="contacts.export", takes=StartExport, gives=ExportStarted,
    raises=(Invalid, Forbidden),
    about="The file can be imported again as it is. Cells that a spreadsheet would run are harmless in it.",
)  # fmt: skip
get_export = Rpc(
    "contacts", "get_export", needs="contacts.export", takes=ExportId, gives=Export, raises=(NotFound,), writes=False
)
list_exports = Rpc(
    "contacts", "list_exports", needs="contacts.export", takes=ListExports, gives=page_of(Export), raises=(Invalid,),
    writes=False,
)  # fmt: skip
get_export_file = Rpc(
    "contacts", "get_export_file", needs="contacts.export", takes=ExportId, gives=ExportFile,
    raises=(NotFound, Conflict), writes=False,
    about="Refused until the job is done; gone after it was kept long enough.",
)  # fmt: skip
list_export_columns = Rpc(
    "contacts", "list_export_columns", needs="contacts.export", gives=ExportColumns, writes=False,
    about="Every column there is, custom fields as they are now.",
)  # fmt: skip
