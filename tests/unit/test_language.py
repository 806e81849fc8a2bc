"""The words of contracts: what they make of what a service answers."""

import pytest
from marshmallow import Schema, ValidationError, fields

from contracts.catalogue import all_rpcs
from contracts.contacts.finding import FilterField
from contracts.language import Boolean, LocalTime, Moment, page_of


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_would_be_kept_and_never_be_read_again_is_refused(moment):
    with pytest.raises(ValidationError):
        Moment().deserialize(moment)
    assert Moment().deserialize(moment[:-6] + "Z").year in (1, 9999)


@pytest.mark.parametrize("day", ["2026-12-01", "20261201", "2026-12-01T18:00:00Z", "18:00", 20261201])
def test_a_local_time_is_a_day_and_a_time_of_the_day_without_an_offset(day):
    with pytest.raises(ValidationError):
        LocalTime().deserialize(day)
    assert LocalTime().deserialize("2026-12-01T18:00").isoformat() == "2026-12-01T18:00:00"


def test_a_member_that_a_dict_does_not_hold_is_left_out_though_dicts_have_a_method_of_its_name():
    shown = {
        "name": "first_name", "label": "First name", "section": "Name", "type": "text", "inputType": "text",
        "valueEditorType": "text", "operators": [],
    }  # fmt: skip
    assert FilterField().dump(shown) == shown
    assert page_of(FilterField)().dump({"next": None}) == {"next": None}


def test_yes_and_no_are_said_as_json_has_them():
    assert [Boolean().deserialize(value) for value in (True, False)] == [True, False]
    for other in ("yes", "true", "", 1, 0, 1.0, []):
        with pytest.raises(ValidationError, match=r"Not a valid boolean"):
            Boolean().deserialize(other)


def test_every_contract_asks_for_yes_and_no_alike():
    loose = [(str(rpc), name) for rpc in all_rpcs() for name, field in within(rpc.takes(), rpc.takes.__name__)
             if isinstance(field, fields.Boolean) and not isinstance(field, Boolean)]  # fmt: skip
    assert loose == []


def within(schema: Schema, path: str):
    """Every field of a request, and of what stands in it."""
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        yield f"{path}.{name}", inner
        if isinstance(inner, fields.Nested):
            yield from within(inner.schema, f"{path}.{name}")
