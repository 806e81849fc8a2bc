"""Field errors name their place as JSON pointers (RFC 6901)."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError, fields

from chassis.wire import pointers
from contracts.language import Money, Schema, Text


class _Address(Schema):
    street = Text(required=True)


class _Person(Schema):
    name = Text(required=True, min=1)
    addresses = fields.List(fields.Nested(_Address))
    price = fields.Nested(Money)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, ["/name"]),
        ({"name": ""}, ["/name"]),
        ({"name": "a\x00"}, ["/name"]),
        ({"name": "a", "addresses": [{"street": "x"}, {}]}, ["/addresses/1/street"]),
        ({"name": "a", "price": {"amount": 1.5, "currency": "EUR"}}, ["/price/amount"]),
        ({"name": "a", "a/b~c": 1}, ["/a~1b~0c"]),
        ({"name": "a", "price": {"amount": 10**13, "currency": "eur"}}, ["/price/amount", "/price/currency"]),
    ],
)
def test_each_error_points_at_its_field(sent: dict[str, object], expected: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        _Person().load(sent)
    assert sorted(error["pointer"] for error in pointers(refused.value.messages)) == expected
