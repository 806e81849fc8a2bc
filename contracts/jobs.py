"""Long work: every service answers for its own jobs."""

from marshmallow import fields

from contracts.errors import Conflict, NotFound
from contracts.language import SIGNED_IN, Id, Moment, Rpc, Schema


class AskForJob(Schema):
    """Naming a job."""

    job_id = Id(required=True)


class Job(Schema):
    """Where a job stands: `state` is queued, running, done, failed or cancelled; `progress` holds its counts."""

    id = Id()
    kind = fields.String()
    state = fields.String()
    progress = fields.Dict()
    result = fields.Dict(allow_none=True)
    error = fields.String(allow_none=True)
    created_at = Moment()
    updated_at = Moment()


def get_job_of(service: str) -> Rpc:
    """The question as one service answers it."""
    return Rpc(service, "get_job", needs=SIGNED_IN, takes=AskForJob, gives=Job, raises=(NotFound,), writes=False)


def cancel_job_of(service: str) -> Rpc:
    """The command as one service obeys it."""
    return Rpc(service, "cancel_job", needs=SIGNED_IN, takes=AskForJob, gives=Job, raises=(NotFound, Conflict))


_SERVICES = ("contacts", "pipeline", "billing", "documents", "notifications")
get_job = {service: get_job_of(service) for service in _SERVICES}
cancel_job = {service: cancel_job_of(service) for service in _SERVICES}
"""The Rpcs of each service, by its name."""
