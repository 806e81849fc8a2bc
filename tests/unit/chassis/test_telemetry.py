"""A log line says what failed and never whose row it was."""

from __future__ import annotations

import json
import logging

import pytest

from chassis import telemetry

TOLD = 'duplicate key value violates "emails"\nDETAIL:  Key (email)=(jane@example.org) already exists.\n'


def test_the_row_that_postgresql_quotes_stays_out_of_a_description() -> None:
    assert telemetry.described(ValueError(TOLD)) == 'ValueError: duplicate key value violates "emails"'


def test_the_row_stays_out_of_a_logged_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    kept = logging.root.handlers[:], logging.root.level
    try:
        telemetry.set_up_logging("contacts")
        telemetry.begin(request_id="r-1")
        try:
            raise ValueError(TOLD)
        except ValueError:
            telemetry.logger("t").exception("rpc failed")
        line = json.loads(capsys.readouterr().err)
    finally:
        logging.root.handlers, logging.root.level = kept
    assert "jane" not in json.dumps(line)
    assert (line["service"], line["request_id"], line["level"]) == ("contacts", "r-1", "error")
    assert "duplicate key" in line["exception"]
