"""What may travel, and how refusals come back."""

from __future__ import annotations

import pytest

from chassis import wire
from contracts.errors import Blocked, Broken, Invalid, NotFound


@pytest.mark.parametrize("body", ['{"args": [], "kwargs": {"a": 1}}', '{"args": [{"a": 1}], "kwargs": {}}'])
def test_arguments_come_by_keyword_or_as_one_object(body: str) -> None:
    assert wire.request_from_wire(body.encode()) == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"args": [], "kwargs": {"a": NaN}}',
        b'{"args": [1, 2], "kwargs": {}}',
        b'{"args": [{"a": 1}], "kwargs": {"b": 2}}',
        b'{"kwargs": {}}',
        b"\x80\x04\x95",  # the beginning of a pickle
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"args": [], "kwargs": {"a": ' + b"9" * 5000 + b"}}",
    ],
)
def test_anything_else_is_refused_and_breaks_nothing(body: bytes) -> None:
    with pytest.raises(Invalid):
        wire.request_from_wire(body)


def test_data_that_names_types_stays_data() -> None:
    told = {"__type__": "decimal", "__value__": "boom"}
    assert wire.loads(wire.dumps(told)) == told


def test_a_refusal_travels_with_its_fields_and_extras() -> None:
    sent = Blocked("There are blockers.", [{"pointer": "/x", "detail": "no"}], existing_id="7")
    got = wire.problem_from_wire(wire.loads(wire.dumps(wire.problem_to_wire(sent))))
    assert (type(got), got.detail, got.errors, got.extra) == (Blocked, sent.detail, sent.errors, sent.extra)


def test_a_refusal_of_a_stock_service_is_understood_by_its_path() -> None:
    got = wire.problem_from_wire({"exc_path": "contracts.errors.NotFound", "exc_args": ["gone"], "value": "gone"})
    assert (type(got), got.detail) == (NotFound, "gone")


def test_the_text_of_an_unknown_error_stays_inside() -> None:
    got = wire.problem_from_wire({"exc_path": "builtins.ValueError", "exc_args": ["jane@example.org"], "value": "x"})
    assert type(got) is Broken
    assert "jane" not in got.detail


@pytest.mark.parametrize("result", [{"a": 'Zoë " , }', "n": [1.5, None]}, [], None, ',"error":null}', {"error": None}])
def test_a_result_is_passed_on_as_the_bytes_that_reading_and_writing_it_anew_would_give(result: object) -> None:
    body = wire.reply(result=result).decode()
    assert wire.result_as_written(body) == wire.dumps(wire.loads(body)["result"])


@pytest.mark.parametrize(
    "body",
    [
        wire.reply(error=wire.problem_to_wire(NotFound("no", error=None))).decode(),
        '{"error": null, "result": {}}',  # of a stock service
        '{"result": {}, "error": null}',
        b'{"result":{},"error":null}',
    ],
)
def test_a_refusal_and_what_another_hand_wrote_is_read(body: str | bytes) -> None:
    assert wire.result_as_written(body) is None
