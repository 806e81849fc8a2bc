"""The words of contracts: what they make of what a service answers."""

from contracts.contacts.finding import FilterField
from contracts.language import page_of


def test_a_member_that_a_dict_does_not_hold_is_left_out_though_dicts_have_a_method_of_its_name():
    shown = {
        "name": "first_name", "label": "First name", "section": "Name", "type": "text", "inputType": "text",
        "valueEditorType": "text", "operators": [],
    }  # fmt: skip
    assert FilterField().dump(shown) == shown
    assert page_of(FilterField)().dump({"next": None}) == {"next": None}
