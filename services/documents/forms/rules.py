"""Which questions make a form, and what answers them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate

from chassis.rows import LONGEST_TOLD
from contracts.errors import Invalid
from contracts.language import Text

LARGEST = 10**15
"""Numbers are smaller than this, so that all of them are exact in JSON."""
Questions = Sequence[Mapping[str, Any]]
Faults = list[dict[str, str]]


def check_questions(questions: Questions) -> None:
    """Refuse questions that could not be told apart, or could not be answered."""
    faults: Faults = []
    seen: set[str] = set()
    for place, question in enumerate(questions):
        if question["key"] in seen:
            faults.append(_fault(f"/questions/{place}/key", "Another question has this key."))
        seen.add(question["key"])
        wrong = _wrong_choices(question["type"], question["choices"])
        if wrong:
            faults.append(_fault(f"/questions/{place}/choices", wrong))
    if faults:
        raise Invalid("These questions make no form.", faults)


def read_answers(questions: Questions, given: Mapping[str, Any], *, before: Mapping[str, Any]) -> dict[str, Any]:
    """Put what is given over the answers before, null taking one away; refuse all that cannot be, each at its place."""
    known = {question["key"]: question for question in questions}
    answers, faults = dict(before), []
    for key, value in given.items():
        try:
            read = _read(known.get(key), value)
        except ValidationError as problem:
            faults.append(_fault(f"/answers/{_escaped(key)}", str(problem.messages[0])))
            continue
        if read is None:
            answers.pop(key, None)
        else:
            answers[key] = read
    if faults:
        raise Invalid("Not every answer can be.", faults)
    return answers


def lacks_of(questions: Questions, answers: Mapping[str, Any]) -> Faults:
    """Name the required questions that have no answer."""
    return [
        _fault(f"/answers/{question['key']}", f"“{question['label']}” needs an answer.")
        for question in questions
        if question["required"] and question["key"] not in answers
    ]


def questions_told(before: Questions, after: Questions) -> dict[str, Questions]:
    """What is otherwise from one version to the next; where only their order is, the keys of all."""
    gone, new = [one for one in before if one not in after], [one for one in after if one not in before]
    if not gone and not new:
        return {"before": _only(before, "key"), "after": _only(after, "key")}
    if len(json.dumps([gone, new])) > LONGEST_TOLD:
        gone, new = _only(gone, "key", "label"), _only(new, "key", "label")
    return {"before": gone, "after": new}


def _only(questions: Questions, *names: str) -> list[Mapping[str, Any]]:
    return [{name: question[name] for name in names} for question in questions]


def _read(question: Mapping[str, Any] | None, value: Any) -> Any:
    if question is None:
        raise ValidationError("This form has no such question.")
    if value is None:
        return None
    return _READERS[question["type"]](question, value)


def _text(_question: Mapping[str, Any], value: Any) -> str | None:
    return Text(max=4000, multiline=True).deserialize(value) or None


def _number(_question: Mapping[str, Any], value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValidationError("A number is needed.")
    if not abs(value) < LARGEST:  # as NaN is not
        raise ValidationError("A number below 1,000,000,000,000,000 is needed.")
    return value


def _date(_question: Mapping[str, Any], value: Any) -> str:
    day: str = fields.Date(format="iso").deserialize(value).isoformat()
    return day


def _choice(question: Mapping[str, Any], value: Any) -> str:
    chosen: str = fields.String(validate=validate.OneOf(question["choices"])).deserialize(value)
    return chosen


def _yes_no(_question: Mapping[str, Any], value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError("true or false is needed.")
    return value


_READERS: dict[str, Callable[[Mapping[str, Any], Any], Any]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "yes_no": _yes_no,
}


def _wrong_choices(type: str, choices: Sequence[str] | None) -> str | None:
    if type != "choice":
        return "Only a question of the type choice has choices." if choices else None
    if not choices:
        return "A choice needs its choices."
    return "Two of the choices are the same." if len(set(choices)) < len(choices) else None


def _fault(pointer: str, detail: str) -> dict[str, str]:
    return {"pointer": pointer, "detail": detail}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
