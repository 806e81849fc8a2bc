"""What an import would do, told before it does anything, and how it is corrected and started."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.import_rows import told_of_a_row
from contracts.contacts.importing import (
    OUTCOMES,
    GetImport,
    Import,
    ImportStarted,
    Reason,
    company_wishes,
    conflicts,
    match_keys,
    modes,
    wishes,
)  # fmt: skip
from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Boolean, Id, Rpc, Schema


class CorrectImport(Schema.from_dict(wishes(allow_none=True), name="CorrectedWishes")):  # type: ignore[misc]
    """A merge-patch of a preview, which is made anew; null leaves it to be found out again."""

    import_id = Id(required=True)
    match_on = match_keys()
    mode = modes()
    on_conflict = conflicts()
    companies = company_wishes()


class OfferedField(Schema):
    """A custom field for what no contact has a place for."""

    label = fields.String(required=True)
    type = fields.String(required=True)


class PreviewedColumn(Schema):
    header = fields.String(required=True)
    samples = fields.List(fields.String(), required=True)
    field = fields.String(required=True, allow_none=True, metadata={"description": "null: not read"})
    confidence = fields.Float(required=True, metadata={"description": "from 0 to 1"})
    why = fields.String(required=True)
    goes_to = fields.String(required=True, metadata={"description": "in words: where its cells go, or “left out”"})
    custom_field = fields.Nested(
        OfferedField,
        required=True,
        allow_none=True,
        metadata={"description": "made by POST /v1/custom-fields, it takes the column when the preview is made anew"},
    )


class PreviewedRow(Schema.from_dict(told_of_a_row(), name="ToldOfAPreviewedRow")):  # type: ignore[misc]
    """A row as it would be read."""

    line = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    contact_id = Id(required=True, allow_none=True, metadata={"description": "whom it would update"})
    contact = fields.Dict(required=True, allow_none=True, metadata={"description": "what would be kept of it"})
    remarks = fields.List(fields.Nested(Reason), required=True)


class Preview(Schema):
    """What an import would do: nothing is done yet. `counts` are of the first `counted_rows` of `total` rows."""

    import_id = Id(required=True)
    total = fields.Integer(required=True)
    sampled = fields.Integer(required=True, metadata={"description": "the same as counted_rows", "deprecated": True})
    counted_rows = fields.Integer(required=True, metadata={"description": "at most 1,000"})
    all_counted = Boolean(required=True, metadata={"description": "false: further rows are not in counts"})
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    new_companies = fields.List(
        fields.String(), required=True, metadata={"description": "entered for the people of the counted rows"}
    )
    problems = fields.List(fields.String(), required=True, metadata={"description": "what stands against starting it"})
    doubts = fields.List(fields.String(), required=True, metadata={"description": "what to look at before starting it"})
    columns = fields.List(fields.Nested(PreviewedColumn), required=True)
    rows = fields.List(fields.Nested(PreviewedRow), required=True)


preview_import = Rpc(
    "contacts",
    "preview_import",
    needs="contacts.import",
    takes=GetImport,
    gives=Preview,
    raises=(NotFound, Conflict),
    writes=False,
    about="Tell how each column is understood and what would become of the first rows.",
)
correct_import = Rpc(
    "contacts",
    "correct_import",
    needs="contacts.import",
    takes=CorrectImport,
    gives=Import,
    raises=(NotFound, Conflict, Invalid, Stale),
    about="Say how a file is to be read; the preview is made anew, from the file that is there already.",
)
start_previewed_import = Rpc(
    "contacts",
    "start_previewed_import",
    needs="contacts.import",
    takes=GetImport,
    gives=ImportStarted,
    raises=(NotFound, Conflict, Stale),
    about="Import what was previewed; columns mapped by hand are remembered for the next file of the same header.",
)
