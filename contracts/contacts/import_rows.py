"""What is told of a row, before an import and after it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from contracts.language import Schema


class NotTaken(Schema):
    """A value of the row that is another than the contact's, which stays."""

    field = fields.String(required=True)
    kept = fields.Raw(required=True, allow_none=True)
    given = fields.Raw(required=True, allow_none=True)


def told_of_a_row() -> dict[str, Any]:
    """What a row did to somebody who was here, or in an earlier row."""
    changes = "what this very row changed: field → before and after; null: it created the contact, or changed no field"
    added = (
        "what it added beside the card: tags, notes, external_ids, emergency_contacts, companies, marketing; a row may "
        "be `updated` by that alone"
    )
    not_taken = "what it says otherwise and the contact keeps, see on_conflict"
    return {
        "changes": fields.Dict(required=True, allow_none=True, metadata={"description": changes}),
        "added": fields.Dict(required=True, allow_none=True, metadata={"description": added}),
        "not_taken": fields.List(fields.Nested(NotTaken), required=True, metadata={"description": not_taken}),
    }
