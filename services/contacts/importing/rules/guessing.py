"""How sure it is what a column holds, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.contacts.importing import OWN_FIELD
from services.contacts.fields.rules import NO_FIELDS, Fields
from services.contacts.importing.rules.columns import column_of, plain
from services.contacts.importing.rules.destinations import custom_field_for, destination
from services.contacts.importing.rules.layout import Layout


def guesses(
    layout: Layout, mapping: Mapping[str, str], *, remembered: bool, custom: Fields = NO_FIELDS
) -> list[dict[str, Any]]:
    """Tell for each column what it is read as, how sure that is (0 to 1), and why."""
    export = layout.export
    told = []
    for position, (header, column) in enumerate(zip(layout.header, layout.columns(mapping, custom), strict=True)):
        if header in mapping:
            sure, why = 1.0, "as it was mapped the last time" if remembered else "as you said"
        elif column is not None and column.field.startswith(OWN_FIELD):
            sure, why = 0.9, "it is the name of a field of yours"
        elif column is not None and (plain(header) in export.means or (column_of(header) and export.known_by)):
            sure, why = 0.95, f"the header is one of {export.name}'s"
        elif column is not None and column_of(header):
            sure, why = 0.9, "the header says so"
        elif column is not None:
            sure, why = 0.6, "the cells look like e-mail addresses"
        elif plain(header) in export.means:
            sure, why = 0.95, f"in an export of {export.name} it is nothing that a file sets"
        elif column_of(header):
            sure, why = 0.5, "another column holds this already"
        else:
            sure, why = 0.0, "nothing says what it holds" if header else "the column has no header"
        samples = layout.samples[position] if position < len(layout.samples) else []
        field = str(column) if column else None
        told.append(
            {
                "header": header,
                "samples": samples,
                "field": field,
                "confidence": sure,
                "why": why,
                "goes_to": destination(header, column, custom),
                "custom_field": custom_field_for(header, column, samples),
            }
        )
    return told
