"""Wherever something is written about somebody, a card number is refused (B04)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from marshmallow import Schema, ValidationError, fields

from contracts.billing.card_numbers import NoCardNumbers
from contracts.catalogue import all_rpcs
from contracts.contacts.notes import AddNote
from contracts.documents.forms import FillForm
from contracts.language import Rpc, Text
from contracts.notifications.communications import LogCommunication

pytestmark = pytest.mark.requirement("B04", "C30", "D03", "N01")

OF_THE_BUSINESS = ("description", "body", "body_text", "body_html", "business_address", "message", "help")
"""What the business writes for everybody, or to itself, about nobody."""
ADDRESSES = ("street",)
RULES = ("add_stage_rule", "change_stage_rule")
ENTERED = ("create_contact",)
"""Whole cards come from other systems as well, whose ids may have the digits of a card's number."""


def free_texts(schema: Schema) -> Iterator[str]:
    """The names of what may be written at length in a request."""
    for name, field in schema.load_fields.items():
        one = field.inner if isinstance(field, fields.List) else field
        if isinstance(one, fields.Nested):
            yield from free_texts(one.schema)
        elif (isinstance(one, Text) and one.multiline) or (isinstance(one, fields.Dict) and name == "answers"):
            yield name


def is_about_somebody(rpc: Rpc) -> bool:
    return rpc.writes and rpc.needs != "system" and rpc.name not in (*RULES, *ENTERED)


def test_what_is_written_about_somebody_holds_no_card_number():
    written = {rpc: set(free_texts(rpc.takes())) - {*OF_THE_BUSINESS, *ADDRESSES} for rpc in all_rpcs()}
    asked = [rpc for rpc, texts in written.items() if texts and is_about_somebody(rpc)]
    assert len(asked) > 20
    assert [str(rpc) for rpc in asked if not issubclass(rpc.takes, NoCardNumbers)] == []


@pytest.mark.parametrize(
    ("takes", "said"),
    [
        (AddNote, {"text": "paid by 4242 4242 4242 4242"}),
        (LogCommunication, {"channel": "phone", "direction": "in", "notes": "4242-4242-4242-4242"}),
        (FillForm, {"answers": {"goal": "charge 4242424242424242"}}),
    ],
)
def test_a_card_number_is_refused_where_it_is_written(takes, said):
    with pytest.raises(ValidationError, match="card numbers are not accepted"):
        takes().load(said)
