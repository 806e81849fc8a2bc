"""Doing one thing for many contacts, on the web."""

from contracts.contacts import bulk, exporting
from gateway.routes.table import get, post
from gateway.views import exports

ROUTES = [
    get("/bulk", bulk.list_bulk),
    post("/bulk", bulk.start_bulk, status=202, makes="/jobs/{id}"),
    get("/bulk/<bulk_id>", bulk.get_bulk),
    post("/bulk/<bulk_id>/cancel", bulk.cancel_bulk),
    get("/bulk/<bulk_id>/results", bulk.list_bulk_results),
    get("/exports", exporting.list_exports),
    post("/exports", exporting.start_export, status=202, makes="/jobs/{id}"),
    get("/export-columns", exporting.list_export_columns),
    get("/exports/<export_id>", exporting.get_export),
    get(
        "/exports/<export_id>/file",
        exporting.get_export_file,
        view=exports.file,
        produces=("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ),
]
