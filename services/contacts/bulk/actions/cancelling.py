"""Stopping a bulk action."""

from __future__ import annotations

from typing import Any

from chassis import jobs
from contracts.errors import Forbidden
from contracts.jobs import AskForJob
from services.contacts.bulk.queries import get_bulk


def cancel_bulk(work: Any, request: Any) -> dict[str, Any]:
    """Stop it after the contacts at hand, whether it has begun or not."""
    bulk = get_bulk(work, request)
    if bulk["started_by"] != work.actor.id and not work.actor.may(jobs.OVERSEES):
        raise Forbidden("Only who started it may stop it, and who runs the place.")
    jobs.cancel_job(work, AskForJob().load({"job_id": request.bulk_id}))
    return get_bulk(work, request)
