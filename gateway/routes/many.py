"""Doing one thing for many contacts, on the web."""

from contracts.contacts import bulk
from gateway.routes.table import get, post

ROUTES = [
    get("/bulk", bulk.list_bulk),
    post("/bulk", bulk.start_bulk, status=202, makes="/jobs/{id}"),
    get("/bulk/<bulk_id>", bulk.get_bulk),
    get("/bulk/<bulk_id>/results", bulk.list_bulk_results),
]
