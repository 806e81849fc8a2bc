"""Importing files of contacts: a job that tells line by line what became of them."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from contracts.errors import Invalid, NotFound
from contracts.language import Boolean, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

TARGETS = (
    "first_name",
    "middle_name",
    "last_name",
    "full_name",
    "preferred_name",
    "company",
    "job_title",
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
    "location",
    "source",
    "customer_since",
    "membership_number",
    "external_id",
    "rapport_id",
    "emergency_name",
    "emergency_phone",
    "emergency_relationship",
    "marketing_email",
    "marketing_sms",
    "marketing_date",
    "marketing_email_refused",
    "marketing_email_refused_on",
    "marketing_email_agreed_on",
    "referred_by",
    "in_note",
)
"""What a column can be mapped to by hand; several columns may share `email`, `phone`, `tags`, `note` and `in_note`.

`in_note` keeps the cell in a note, after the column's name; `marketing_…` is yes or no, said on `marketing_date`.
`marketing_email_refused` is a no where it says yes, and else nothing; `…_refused_on` and `…_agreed_on` are days of a no
and of a yes.
"""

OWN_FIELD = "fields."
"""Mapped to this and the key of a custom field, a column is read as that field."""

LEFT_OUT = "-"
"""Mapped to this, a column is not read."""

MATCH_KEYS = ("external_id", "membership_number", "email", "phone")
FORMATS = ("csv", "xlsx", "xls", "xlsb", "ods", "vcard")
DELIMITERS = (",", ";", "\t", "|")
DATE_ORDERS = ("day_first", "month_first")
STATES = (
    "reading", "ready", "refused", "queued", "running", "done", "failed", "cancelled", "undoing", "undone",
)  # fmt: skip
ON_CONFLICT = ("keep", "overwrite")
COMPANY_WISHES = ("find", "create")
COMPANIES = "companies"
"""In the counts of an import: how many companies were entered because people of the file belong to them."""
OUTCOMES = ("created", "updated", "unchanged", "rejected", "blank")
UNDONE = ("taken_back", "left")

_HEADERS = fields.String(validate=validate.Length(max=300))
_MEANING = fields.String(
    allow_none=True,
    validate=validate.Regexp(
        rf"\A(?:{'|'.join(TARGETS)}|{re.escape(OWN_FIELD)}[a-z][a-z0-9_]{{0,59}}|{LEFT_OUT})\Z",
        error="There is no such field.",
    ),
)


class _Meanings(fields.Dict):
    """A wrong meaning is refused at its header: `/mapping/Phone`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as refusal:
            told = refusal.messages
            if not isinstance(told, dict):
                raise
            plain = {header: wrong.get("value") or wrong.get("key") for header, wrong in told.items()}
            raise ValidationError(plain, valid_data=refusal.valid_data) from None


def meanings(**options: Any) -> fields.Dict:
    """Column header → field."""
    said = "column header → field, null or -: not read; columns not named are mapped by their header"
    return _Meanings(
        keys=_HEADERS, values=_MEANING, validate=validate.Length(max=500), metadata={"description": said}, **options
    )


def wishes(**options: Any) -> dict[str, Any]:
    """How a file is to be read, and what is to be done with its rows; what is not said is found out."""
    return {
        "mapping": meanings(),
        "encoding": Text(max=40, metadata={"description": "of a text file, such as cp1252"}, **options),
        "delimiter": fields.String(validate=validate.OneOf(DELIMITERS), **options),
        "sheet": Text(max=100, metadata={"description": "of a workbook; else the first with data"}, **options),
        "header_row": fields.Integer(
            strict=True,
            validate=validate.Range(1, 1000),
            metadata={"description": "the row that names the columns, the first of the file being 1"},
            **options,
        ),
        "date_order": fields.String(validate=validate.OneOf(DATE_ORDERS), **options),
        "region": fields.String(
            validate=validate.Regexp(r"\A[A-Z]{2}\Z"),
            metadata={"description": "ISO 3166-1 alpha-2, reads phones without a country"},
            **options,
        ),
        "external_system": Text(
            min=1, max=60, metadata={"description": "whose ids an external_id column holds"}, **options
        ),
    }


def match_keys(**options: Any) -> fields.List:
    return fields.List(
        fields.String(validate=validate.OneOf(MATCH_KEYS)),
        validate=validate.Length(min=1, max=len(MATCH_KEYS)),
        metadata={
            "description": "what makes a row and a contact the same, tried in this order; a column `Rapport id`, as an "
            "export of ours has it, counts before all of them"
        },
        **options,
    )


def modes(**options: Any) -> fields.String:
    said = "create: known contacts stay as they are; update: nobody new"
    return fields.String(
        validate=validate.OneOf(["create", "update", "both"]), metadata={"description": said}, **options
    )


def conflicts(**options: Any) -> fields.String:
    said = (
        "where a row says otherwise than the contact: keep only fills what is empty and tells what was not taken; "
        "overwrite puts the row's value in its place, but never a blank one. E-mails, phones, tags and notes are added "
        "either way, and a membership number never changes"
    )
    return fields.String(validate=validate.OneOf(ON_CONFLICT), metadata={"description": said}, **options)


def company_wishes(**options: Any) -> fields.String:
    said = (
        "the company that a person's row names, where it is no contact yet: create enters it once, and the person "
        "belongs to it; find keeps the name in a note. With mode update nobody is entered, so no company either"
    )
    return fields.String(validate=validate.OneOf(COMPANY_WISHES), metadata={"description": said}, **options)


class StartImport(Schema.from_dict(wishes(), name="WishesOfImport")):  # type: ignore[misc]
    file_key = Text(required=True, min=1, max=300, metadata={"description": "where the storage keeps the file"})
    file_digest = Text(max=128, metadata={"description": "tells one file from another, wherever each is kept"})
    file_name = Text(required=True, min=1, max=255)
    match_on = match_keys(load_default=["external_id", "membership_number", "email"])
    mode = modes(load_default="both")
    on_conflict = conflicts(load_default="keep")
    companies = company_wishes(load_default="create")
    preview = Boolean(
        load_default=False, metadata={"description": "only look: nobody is entered before the import is started"}
    )


class ImportStarted(Schema):
    """The job; its counts are in its progress: total, done, created, updated, unchanged, rejected, blank, companies.

    `companies` were entered because people of the file belong to them, beside what its rows are about.
    Of an import without a preview, the job has the same id.
    """

    id = Id(required=True)
    job_id = Id(required=True, metadata={"description": "of the job that reads or imports the file"})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    file_name = fields.String(required=True)


class ImportKept(ImportStarted):
    """`file_key` is of the file that is read; one that was sent again under the same key is not needed."""

    file_key = fields.String(required=True)


class Layout(Schema):
    """How the file was found to be written, or was said to be."""

    format = fields.String(allow_none=True, validate=validate.OneOf(FORMATS))
    encoding = fields.String(allow_none=True)
    delimiter = fields.String(allow_none=True)
    sheet = fields.String(allow_none=True)
    sheets = fields.List(fields.String())
    header_row = fields.Integer(allow_none=True)
    rows = fields.Integer(allow_none=True, metadata={"description": "below the header"})
    export = fields.String(allow_none=True, metadata={"description": "whose export it looks like"})


class Import(Schema):
    id = Id(required=True)
    job_id = Id(required=True, metadata={"description": "of the job that reads, imports or undoes, the latest"})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(allow_none=True, metadata={"description": "why it was refused or failed"})
    file_name = fields.String(required=True)
    started_at = Moment(required=True)
    started_by = fields.String(allow_none=True)
    mode = fields.String(required=True)
    on_conflict = fields.String(required=True, validate=validate.OneOf(ON_CONFLICT))
    companies = fields.String(required=True, validate=validate.OneOf(COMPANY_WISHES))
    match_on = fields.List(fields.String(), required=True)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    mapping_id = Id(allow_none=True, metadata={"description": "the remembered mapping that was applied"})
    date_order = fields.String(allow_none=True)
    region = fields.String(allow_none=True)
    external_system = fields.String(allow_none=True)
    layout = fields.Nested(Layout)
    columns = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        allow_none=True,
        metadata={"description": "column header → what it was read as; null: not read"},
    )
    unmapped = fields.List(fields.String(), metadata={"description": "headers of the columns that are not read"})
    progress = fields.Dict(metadata={"description": "total, done, and how many rows came to which outcome"})
    version = fields.Integer(required=True)


class GetImport(Schema):
    import_id = Id(required=True)


class ListImports(PageRequest):
    """`started_by` is the id of a team member."""

    q = Text(max=255, metadata={"description": "any part of the name of the file"})
    started_by = Id()
    sort = Sort("newest", "oldest")


class Reason(Schema):
    column = fields.String(required=True, allow_none=True, metadata={"description": "the header of the cell at fault"})
    detail = fields.String(required=True)


start_import = Rpc(
    "contacts",
    "start_import",
    needs="contacts.import",
    takes=StartImport,
    gives=ImportKept,
    raises=(Invalid,),
    incidental=("file_key",),
    about="Import a stored file as a job: CSV, Excel, OpenDocument or vCard. Doing the same file again creates nobody "
    "and changes nothing. With `preview` the file is only read, until the import is started.",
)
list_imports = Rpc(
    "contacts", "list_imports", needs="contacts.import", takes=ListImports, gives=page_of(Import), raises=(Invalid,),
    writes=False,
)  # fmt: skip
get_import = Rpc(
    "contacts",
    "get_import",
    needs="contacts.import",
    takes=GetImport,
    gives=Import,
    raises=(NotFound,),
    writes=False,
    about="Tell how a file was read and how far its import is.",
)
