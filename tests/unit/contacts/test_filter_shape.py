"""A filter's shape is judged before anybody looks at its meaning, and every fault has its place."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from chassis.wire import pointers
from contracts.contacts.filters import DEEPEST, MOST_RULES, Filter, FilterText, leaves_nobody_out, read_group
from contracts.language import Schema


class _Asked(Schema):
    filter = Filter()
    text = FilterText()


def _rule(**other):
    return {"field": "kind", "operator": "=", "value": "person", **other}


def _deep(levels: int) -> dict[str, object]:
    return {"rules": [_deep(levels - 1)] if levels > 1 else [_rule()]}


@pytest.mark.requirement("C24")
def test_what_react_querybuilder_adds_for_itself_is_left_out():
    asked = {"id": "g", "combinator": "or", "not": True, "rules": [_rule(id="r", valueSource="value")]}
    plain = {"combinator": "or", "not": True, "rules": [_rule()]}
    assert _Asked().load({"filter": asked}).filter == plain


@pytest.mark.requirement("C24")
def test_a_web_address_holds_the_filter_as_text():
    asked = _Asked().load({"text": '{"rules": [{"field": "kind", "operator": "=", "value": "person"}]}'})
    assert asked.text == {"combinator": "and", "not": False, "rules": [_rule()]}


@pytest.mark.requirement("C24", "G06")
@pytest.mark.parametrize(
    ("filter", "places"),
    [
        (None, ["/filter"]),
        ([], ["/filter"]),
        ({}, ["/filter"]),
        ({"rules": {}}, ["/filter"]),
        ({"rules": [1]}, ["/filter/rules/0"]),
        ({"rules": [{}]}, ["/filter/rules/0/field", "/filter/rules/0/operator"]),
        ({"rules": [_rule(value=object())]}, ["/filter/rules/0/value"]),
        ({"rules": [_rule(value=[1, [2]])]}, ["/filter/rules/0/value/1"]),
        ({"rules": [_rule(value={"n": [], "unit": "day"})]}, ["/filter/rules/0/value/n"]),
        ({"rules": [_rule(value=2**63)]}, ["/filter/rules/0/value"]),
        ({"rules": [_rule(value=float("nan"))]}, ["/filter/rules/0/value"]),
        ({"rules": [_rule(value="a\0b")]}, ["/filter/rules/0/value"]),
        ({"rules": [_rule(value="x" * 501)]}, ["/filter/rules/0/value"]),
        ({"rules": [_rule(field="\ud800")]}, ["/filter/rules/0/field"]),
        ({"rules": [_rule(valueSource="field")]}, ["/filter/rules/0/valueSource"]),
        ({"rules": [], "combinator": "xor", "not": 1}, ["/filter/combinator", "/filter/not"]),
        ({"rules": [], "where": "1=1"}, ["/filter/where"]),
        ({"rules": [_rule()] * (MOST_RULES + 1)}, ["/filter/rules"]),
        (_deep(DEEPEST + 1), ["/filter" + "/rules/0" * DEEPEST]),
    ],
    ids=lambda told: str(told)[:60] if isinstance(told, list) else "",
)
def test_a_crooked_one_is_refused_where_it_is_crooked(filter, places):
    with pytest.raises(ValidationError) as refused:
        _Asked().load({"filter": filter})
    assert sorted(error["pointer"] for error in pointers(refused.value.messages)) == places


@pytest.mark.parametrize("text", ["", "{", "NaN", "[" * 100_000, "1e999999", '{"rules": [NaN]}'], ids=range(6))
def test_text_that_is_no_filter_is_refused(text):
    with pytest.raises(ValidationError):
        _Asked().load({"text": text})


def test_the_deepest_and_the_longest_are_taken():
    _Asked().load({"filter": _deep(DEEPEST)})
    _Asked().load({"filter": {"rules": [_rule()] * MOST_RULES}})


EMPTY: dict[str, object] = {"rules": []}


@pytest.mark.requirement("C24", "C27")
@pytest.mark.parametrize(
    ("group", "everybody"),
    [
        (EMPTY, True),
        (EMPTY | {"not": True}, False),  # nobody
        ({"rules": [EMPTY, EMPTY]}, True),
        ({"rules": [EMPTY, _rule()]}, False),
        ({"combinator": "or", "rules": [EMPTY, _rule()]}, True),
        ({"combinator": "or", "rules": [EMPTY | {"not": True}, _rule()]}, False),
        ({"combinator": "and", "not": True, "rules": [EMPTY | {"not": True}, _rule()]}, True),
        ({"rules": [_rule()]}, False),
    ],
)
def test_a_filter_that_lets_everybody_through_is_known_for_it(group, everybody):
    assert leaves_nobody_out(read_group(group)) is everybody
