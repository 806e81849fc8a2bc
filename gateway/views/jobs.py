"""Jobs: the five services know their own, and a client need not know whose a job is."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields

from contracts.errors import Conflict, NotFound, Problem
from contracts.jobs import AskForJob, Job, cancel_job, get_job
from contracts.language import SIGNED_IN, Rpc
from gateway.asked import asked_by
from gateway.asking import ask, ask_all, beside
from gateway.routes.table import Route
from gateway.saying import json_response

PATIENCE = 5.0
COUNTS = ("created", "updated", "unchanged", "rejected")


class JobWithCounts(Job):
    """The counts of `progress` that every import has, once more where they are easy to find; null in other jobs."""

    created = fields.Integer(required=True, allow_none=True)
    updated = fields.Integer(required=True, allow_none=True)
    unchanged = fields.Integer(required=True, allow_none=True)
    rejected = fields.Integer(required=True, allow_none=True)


READ = Rpc(
    "house", "get_job", needs=SIGNED_IN, takes=AskForJob, gives=JobWithCounts, raises=(NotFound,), writes=False,
    about="How far a job is: queued, running, done, failed or cancelled.",
)  # fmt: skip
CANCEL = Rpc(
    "house", "cancel_job", needs=SIGNED_IN, takes=AskForJob, gives=JobWithCounts, raises=(NotFound, Conflict),
    about="Stop a job after its present step; what it did stays done.",
)  # fmt: skip


def read(route: Route, path: dict[str, str]) -> Response:
    _, job = _found(asked_by(route, path))
    return _said(job)


def cancel(route: Route, path: dict[str, str]) -> Response:
    question = asked_by(route, path)
    service, _ = _found(question)
    return _said(ask(cancel_job[service], question, **beside(route)))


def _found(question: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    answers = dict(zip(get_job, ask_all([(rpc, question) for rpc in get_job.values()], seconds=PATIENCE), strict=True))
    return whose(answers)


def whose(answers: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Tell which service has the job; while one of them is silent, nobody can say that there is none."""
    refusals: list[Problem] = []
    for service, answer in answers.items():
        if not isinstance(answer, Problem):
            return service, answer
        refusals.append(answer)
    raise next((refusal for refusal in refusals if not isinstance(refusal, NotFound)), refusals[0])


def _said(job: dict[str, Any]) -> Response:
    progress = job.get("progress") or {}
    response = json_response({**job, **{name: progress.get(name) for name in COUNTS}})
    response.headers["Cache-Control"] = "no-store"
    return response
