"""What became of an import: row by row, the rejects, and how it is taken back."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.import_rows import told_of_a_row
from contracts.contacts.importing import OUTCOMES, UNDONE, GetImport, ImportStarted, Reason
from contracts.errors import Conflict, Invalid, NotFound
from contracts.language import Event, Id, PageRequest, Rpc, Schema, Sort, page_of


class ListRejects(PageRequest):
    import_id = Id(required=True)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 1000))
    sort = Sort("line", "-line")


class ListRows(PageRequest):
    import_id = Id(required=True)
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    undone = fields.String(validate=validate.OneOf(UNDONE))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 1000))
    sort = Sort("line", "-line")


class ImportedRow(Schema.from_dict(told_of_a_row(), name="ToldOfARow")):  # type: ignore[misc]
    line = fields.Integer(required=True, metadata={"description": "of the file, the first being 1"})
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    contact_id = Id(required=True, allow_none=True)
    remarks = fields.List(fields.Nested(Reason), required=True)
    undone = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(UNDONE),
        metadata={"description": "left: something was changed since, and stays; undo_remarks say what"},
    )
    undo_remarks = fields.List(fields.Nested(Reason), required=True)


class ListImportCompanies(PageRequest):
    import_id = Id(required=True)
    undone = fields.String(validate=validate.OneOf(UNDONE))
    sort = Sort("line", "-line")


class ImportedCompany(Schema):
    """A company that was entered because a person of the file belongs to it."""

    contact_id = Id(required=True)
    display_name = fields.String(required=True, metadata={"description": "as it is called now"})
    line = fields.Integer(required=True, metadata={"description": "of the first person who belongs to it"})
    undone = fields.String(required=True, allow_none=True, validate=validate.OneOf(UNDONE))
    undo_remarks = fields.List(fields.Nested(Reason), required=True)


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
    companies = fields.Integer(load_default=0)


class ImportUndone(Schema):
    import_id = Id(required=True)
    file_name = fields.String(required=True)
    archived = fields.Integer(required=True)
    restored = fields.Integer(required=True)
    left = fields.Integer(required=True)


undo_import = Rpc(
    "contacts",
    "undo_import",
    needs="contacts.import",
    takes=GetImport,
    gives=ImportStarted,
    raises=(NotFound, Conflict),
    about="Take an import back as a job: whom it created is archived, what it changed is restored field by field. What "
    "was changed since is left and listed. Undoing twice is harmless.",
)
list_import_rows = Rpc(
    "contacts",
    "list_import_rows",
    needs="contacts.import",
    takes=ListRows,
    gives=page_of(ImportedRow),
    raises=(NotFound, Invalid),
    writes=False,
    about="List what became of each row, by line.",
)
list_import_companies = Rpc(
    "contacts",
    "list_import_companies",
    needs="contacts.import",
    takes=ListImportCompanies,
    gives=page_of(ImportedCompany),
    raises=(NotFound, Invalid),
    writes=False,
    about="List the companies that an import entered for its people, beside what its rows are about.",
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
import_undone = Event(
    "contacts", "import.undone", data=ImportUndone, about="An import was taken back; it is about no one contact."
)
