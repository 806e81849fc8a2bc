"""The words of contracts: what they make of what a service answers."""

import pytest
from marshmallow import ValidationError

from contracts.contacts.finding import FilterField
from contracts.language import Moment, page_of


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_would_be_kept_and_never_be_read_again_is_refused(moment):
    with pytest.raises(ValidationError):
        Moment().deserialize(moment)
    assert Moment().deserialize(moment[:-6] + "Z").year in (1, 9999)


def test_a_member_that_a_dict_does_not_hold_is_left_out_though_dicts_have_a_method_of_its_name():
    shown = {
        "name": "first_name", "label": "First name", "section": "Name", "type": "text", "inputType": "text",
        "valueEditorType": "text", "operators": [],
    }  # fmt: skip
    assert FilterField().dump(shown) == shown
    assert page_of(FilterField)().dump({"next": None}) == {"next": None}
