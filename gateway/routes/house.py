"""What no one service can answer: the profile, the event feed, jobs."""

from gateway.routes.table import get, post
from gateway.views import feed, jobs, profile

ROUTES = [
    get("/contacts/<contact_id>/profile", profile.READ, view=profile.read),
    get("/events", feed.READ, view=feed.read),
    get("/jobs/<job_id>", jobs.READ, view=jobs.read),
    post("/jobs/<job_id>/cancel", jobs.CANCEL, view=jobs.cancel),
]
