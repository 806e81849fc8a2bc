"""Finding contacts on the web: lists, filters, segments."""

from contracts.contacts import finding, histories, segments
from gateway.routes.table import delete, get, patch, post

ROUTES = [
    get("/contacts", finding.list_contacts),
    post("/contacts/search", finding.search_contacts),
    get("/filter-fields", finding.list_filter_fields),
    get("/segments", segments.list_segments),
    post("/segments", segments.create_segment, makes="/segments/{id}"),
    post("/segments/preview", segments.preview_segment),
    get("/segments/<segment_id>", segments.get_segment),
    patch("/segments/<segment_id>", segments.change_segment),
    delete("/segments/<segment_id>", segments.delete_segment),
    get("/segments/<segment_id>/history", histories.list_segment_history),
    get("/segments/<segment_id>/members", segments.list_segment_members),
    post("/segments/<segment_id>/evaluation", segments.reevaluate_segment, makes="/jobs/{job_id}", status=202),
    get("/contacts/<contact_id>/segments", segments.list_segments_of_contact),
]
