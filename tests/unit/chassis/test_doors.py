"""A service is the sum of its rooms, and no door hides another."""

from __future__ import annotations

import pytest

from chassis.entrypoints import Room, serves, ticks
from chassis.service import Service
from contracts import jobs


class _Here(Room):
    tidy_up = ticks(60, lambda work: None)


class _There(Room):
    tidy_up = serves(jobs.get_job["contacts"], lambda work, request: None)


def test_two_doors_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match=r"two doors named tidy_up: in _\w+ and _\w+"):
        type("Contacts", (_Here, _There, Service), {"name": "contacts"})


def test_every_service_answers_for_its_log_and_its_jobs() -> None:
    service = type("Contacts", (_Here, Service), {"name": "contacts"})
    assert {"read_events", "get_job", "cancel_job", "tidy_up"} <= set(dir(service))
