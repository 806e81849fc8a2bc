"""What may stand in a custom field."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, strategies as st

from services.contacts.fields.rules import Field, field_of_column, key_of_label, read_value, read_values, value_of_cell

SIZE = Field("size", "T-Shirt size", "choice", ("S", "Extra large"))
KINDS = {type: Field(type, type.title(), type, ("a", "b")) for type in ("text", "number", "date", "choice", "yes_no")}


@pytest.mark.requirement("C11")
@pytest.mark.parametrize(
    ("type", "value", "kept"),
    [
        ("text", "  Two\nlines ", "Two\nlines"),
        ("text", "  ", None),
        ("number", 3.0, 3),
        ("number", -0.25, -0.25),
        ("date", "2026-02-28", "2026-02-28"),
        ("choice", " EXTRA  large", "Extra large"),
        ("yes_no", False, False),
    ],
)
def test_a_value_is_kept_in_one_form(type, value, kept):
    read = read_value(SIZE if type == "choice" else KINDS[type], value)
    assert (read, read.__class__) == (kept, kept.__class__)


@pytest.mark.requirement("C11")
@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("text", 5), ("text", "x" * 2001), ("text", "a\0b"), ("text", ["x"]),
        ("number", "5"), ("number", True), ("number", float("nan")), ("number", float("inf")), ("number", 2**63),
        ("number", 10**400),
        ("date", "2026-02-30"), ("date", "20260228"), ("date", "yesterday"), ("date", 20260228),
        ("choice", "M"), ("choice", ""), ("choice", 1), ("yes_no", "yes"), ("yes_no", 1),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(type, value):
    with pytest.raises(ValueError, match=r"\w"):
        read_value(SIZE if type == "choice" else KINDS[type], value)


@pytest.mark.requirement("C11")
@given(
    st.dictionaries(
        st.sampled_from(sorted(KINDS)),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.dates(),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
            max_leaves=4,
        ),
    )
)
def test_whatever_is_given_is_refused_or_can_be_kept(values):
    problems: list[dict[str, str]] = []
    kept = read_values(values, {}, KINDS, kind="person", problems=problems)
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept
    assert set(kept) <= set(values) - {problem["pointer"].removeprefix("/fields/") for problem in problems}


@pytest.mark.requirement("C11")
def test_values_are_patched_and_each_wrong_one_has_its_place():
    gone = Field("gone", "Gone", "text", archived=True)
    fields = {"size": SIZE, "gone": gone, "vat": Field("vat", "VAT", "text", applies_to="company")}
    problems: list[dict[str, str]] = []
    given = {"size": "s", "gone": "new", "vat": "x", "a/b": None}
    kept = read_values(given, {"size": "Extra large", "gone": "old"}, fields, kind="person", problems=problems)
    assert kept == {"size": "S", "gone": "old"}
    assert [problem["pointer"] for problem in problems] == ["/fields/gone", "/fields/vat", "/fields/a~1b"]
    assert read_values({"gone": "old", "size": None}, kept, fields, kind="person", problems=[]) == {"gone": "old"}
    assert read_values({"gone": None}, kept, fields, kind="person", problems=[]) == {"size": "S"}


@pytest.mark.requirement("C11", "C19")
@pytest.mark.parametrize(
    ("type", "cell", "value"),
    [
        ("number", " 1,234.50 ", 1234.5), ("number", "1.234,5", 1234.5), ("number", "1 234,5", 1234.5),
        ("number", "1,234", 1234), ("number", "-3", -3), ("number", "0,5", 0.5), ("number", "1’000", 1000),
        ("yes_no", "Ja", True), ("yes_no", "FALSE", False), ("yes_no", "x", True), ("yes_no", "", None),
        ("date", "1 March", "2026-03-01"), ("choice", "b", "b"), ("text", " as it is ", "as it is"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_the_fields_type(type, cell, value):
    read = value_of_cell(KINDS[type], cell, {"1 March": dt.date(2026, 3, 1)}.get)
    assert (read, read.__class__) == (value, value.__class__)


@pytest.mark.parametrize(("type", "cell"), [("number", "many"), ("number", "1e999"), ("yes_no", "perhaps")])
def test_a_cell_that_cannot_be_read_is_refused(type, cell):
    with pytest.raises(ValueError, match=r"\w"):
        value_of_cell(KINDS[type], cell, dt.date.fromisoformat)


def test_a_column_is_a_fields_by_its_key_or_label():
    fields = {"size": SIZE, "old": Field("old", "Locker", "text", archived=True)}
    assert field_of_column("t-shirt  SIZE", fields) is SIZE
    assert field_of_column("size", fields) is SIZE
    assert field_of_column("Locker", fields) is field_of_column("old", fields) is None


@pytest.mark.parametrize(
    ("label", "key"),
    [("T-Shirt: Größe", "t_shirt_grosse"), ("3rd visit", "n_3rd_visit"), ("!?", ""), ("Ж" * 100, "zh" * 24)],
)
def test_a_label_makes_a_key(label, key):
    assert key_of_label(label) == key
