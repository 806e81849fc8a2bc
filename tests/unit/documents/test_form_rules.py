"""What answers a question, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import Invalid
from services.documents.forms.rules import check_questions, lacks_of, questions_told, read_answers


def question(key: str, type: str = "text", **told: Any) -> dict[str, Any]:
    return {"key": key, "label": key.upper(), "type": type, "required": False, "choices": None} | told


ALL = [
    question("words", required=True),
    question("count", "number"),
    question("day", "date"),
    question("how", "choice", choices=["Alone", "Together"], required=True),
    question("sure", "yes_no"),
]


@pytest.mark.requirement("D03")
@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("words", "  some\nwords ", "some\nwords"),
        ("count", 2.5, 2.5),
        ("count", 0, 0),
        ("day", "2028-02-29", "2028-02-29"),
        ("how", "Alone", "Alone"),
        ("sure", False, False),
    ],
)
def test_an_answer_of_its_type_is_kept(key: str, given: Any, kept: Any) -> None:
    assert read_answers(ALL, {key: given}, before={}) == {key: kept}


@pytest.mark.requirement("D03")
@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("words", 7),
        ("words", "a\0b"),
        ("words", "x" * 4001),
        ("count", "7"),
        ("count", True),
        ("count", float("nan")),
        ("count", 10**400),
        ("day", "2027-02-29"),
        ("day", 20270228),
        ("day", "2027-02-28T00:00:00"),
        ("how", "Both"),
        ("how", ["Alone"]),
        ("sure", "yes"),
        ("sure", 1),
        ("age", 7),
        ("~/\0", 7),
    ],
)
def test_an_answer_of_another_type_is_refused_at_its_place(key: str, given: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        read_answers(ALL, {key: given, "sure": True} | {key: given}, before={})
    assert [fault["pointer"] for fault in refusal.value.errors] == [
        f"/answers/{key.replace('~', '~0').replace('/', '~1')}"
    ]


@pytest.mark.requirement("D03")
def test_null_and_blank_take_an_answer_away_and_what_is_required_is_lacking_then() -> None:
    before = {"words": "some", "how": "Alone"}
    assert lacks_of(ALL, before) == []
    after = read_answers(ALL, {"words": "  ", "how": None}, before=before)
    assert (after, before) == ({}, {"words": "some", "how": "Alone"})
    assert [lack["pointer"] for lack in lacks_of(ALL, after)] == ["/answers/words", "/answers/how"]


@pytest.mark.parametrize(
    ("questions", "pointers"),
    [
        ([question("a"), question("a")], ["/questions/1/key"]),
        ([question("a", "choice"), question("b", choices=["x"])], ["/questions/0/choices", "/questions/1/choices"]),
        ([question("a", "choice", choices=["x", "x"])], ["/questions/0/choices"]),
    ],
)
def test_questions_that_cannot_be_answered_make_no_form(questions: list[dict[str, Any]], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_questions(questions)
    assert [fault["pointer"] for fault in refusal.value.errors] == pointers


def test_a_change_of_the_questions_tells_those_that_are_otherwise_or_their_order() -> None:
    words, count, other = question("words"), question("count"), question("words", label="Words")
    assert questions_told([words, count], [other, count]) == {"before": [words], "after": [other]}
    told = questions_told([words, count], [count, words])
    assert told == {"before": [{"key": "words"}, {"key": "count"}], "after": [{"key": "count"}, {"key": "words"}]}
    asked_more = [question(f"q{number}", help="x" * 500) for number in range(5)]
    assert questions_told([], asked_more)["after"] == [{"key": one["key"], "label": one["label"]} for one in asked_more]
