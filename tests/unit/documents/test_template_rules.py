"""What an agreement template may say, and what becomes of it."""

from __future__ import annotations

import time

import pytest

from contracts.documents.templates import LONGEST_BODY, MERGE_FIELDS
from contracts.errors import Invalid
from services.documents.templates.rules import MOST_FIELDS, check, fill

VALUES = {
    "contact.first_name": "Łukasz",
    "contact.display_name": "Łukasz {{today}} <b>&",
    "business.name": "Studio Żaba",
    "today": "3 May 2026",
}


def test_every_merge_field_is_filled_in() -> None:
    body = " ".join(f"{{{{{field}}}}}" for field in MERGE_FIELDS)
    check(body)
    assert fill(body, VALUES) == "Łukasz Łukasz {{today}} <b>& Studio Żaba 3 May 2026"


def test_a_merge_field_inside_a_name_stays_text() -> None:
    assert "{{today}}" in fill("{{contact.display_name}}", VALUES)


def test_line_ends_of_any_kind_become_line_feeds() -> None:
    assert fill("one\r\ntwo\rthree", VALUES) == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("body", "line", "why"),
    [
        ("a\n{{contact.salary}}", 2, "no such field"),
        ("{{contact}}", 1, "half a field"),
        ("{{name}}", 1, "no such field"),
        ("{{contact.first_name.upper}}", 1, "a method"),
        ("{{contact.first_name.upper()}}", 1, "a call"),
        ("a\n\n{{ ''.__class__.__mro__[1].__subclasses__() }}", 3, "an escape from the sandbox"),
        ("{{ contact['first_name'] }}", 1, "a subscript"),
        ("{{ contact.first_name | upper }}", 1, "a filter"),
        ("{% for i in range(1000000000) %}x{% endfor %}", 1, "a loop"),
        ("{% if today %}x{% endif %}", 1, "a condition"),
        ("{% set today = 1 %}", 1, "an assignment"),
        ("{% include 'passwd' %}", 1, "an include"),
        ("{{ 9**9**9 }}", 1, "arithmetic"),
        ("{{ 'x' }}", 1, "a constant"),
        ("{{ today, today }}", 1, "a tuple"),
        ("one\ntwo {{ contact.", 2, "a field that is not closed"),
        ("one\n{% endfor %}", 2, "an end without a beginning"),
        ("{% nonsense %}", 1, "an unknown word"),
    ],
)
def test_anything_but_a_merge_field_is_refused_with_its_line(body: str, line: int, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check(body)
    (fault,) = refusal.value.errors
    assert fault["pointer"] == "/body", why
    assert fault["detail"].startswith(f"Line {line}: "), why


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{# only a comment #}", "nothing would be shown"),
        ("{{today}}" * (MOST_FIELDS + 1), "too many fields"),
        ("{{" + "(" * 20_000 + "today" + ")" * 20_000 + "}}", "nested too deeply"),
        ("{{today" + ".a" * 40_000 + "}}", "a chain without end"),
        ("{{" + "not " * 20_000 + "today}}", "nested too deeply"),
    ],
)
def test_a_body_that_would_cost_too_much_or_show_nothing_is_refused_soon(body: str, why: str) -> None:
    begun = time.process_time()
    with pytest.raises(Invalid):
        check(body)
    assert time.process_time() - begun < 5, why


def test_the_longest_body_is_accepted() -> None:
    check("word " * (LONGEST_BODY // 5))
