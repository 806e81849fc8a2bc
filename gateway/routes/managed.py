"""What the business manages, on the web: settings, locations, custom fields, tags, groups, club access."""

from contracts.contacts import club_access, custom_fields, groups, locations, settings, tags
from gateway.routes.table import delete, get, patch, post, put

ROUTES = [
    get("/settings", settings.get_settings),
    patch("/settings", settings.change_settings),
    get("/locations", locations.list_locations),
    post("/locations", locations.create_location, makes="/locations/{id}"),
    get("/locations/<location_id>", locations.get_location),
    patch("/locations/<location_id>", locations.change_location),
    get("/custom-fields", custom_fields.list_custom_fields),
    post("/custom-fields", custom_fields.create_custom_field, makes="/custom-fields/{id}"),
    get("/custom-fields/<custom_field_id>", custom_fields.get_custom_field),
    patch("/custom-fields/<custom_field_id>", custom_fields.change_custom_field),
    get("/tags", tags.list_tags),
    post("/tags", tags.create_tag, makes="/tags/{id}"),
    get("/tags/<tag_id>", tags.get_tag),
    patch("/tags/<tag_id>", tags.rename_tag),
    delete("/tags/<tag_id>", tags.delete_tag, status=200),
    post("/tags/<tag_id>/merge", tags.merge_tags),
    get("/groups", groups.list_groups),
    post("/groups", groups.create_group, makes="/groups/{id}"),
    get("/groups/<group_id>", groups.get_group),
    patch("/groups/<group_id>", groups.change_group),
    delete("/groups/<group_id>", groups.delete_group),
    get("/groups/<group_id>/members", groups.list_members),
    post("/groups/<group_id>/members", groups.add_members),
    post("/groups/<group_id>/members/remove", groups.remove_members),
    delete("/groups/<group_id>/members/<contact_id>", groups.remove_member, status=200),
    get("/contacts/<contact_id>/groups", groups.list_groups_of_contact),
    get("/contacts/<contact_id>/club-access", club_access.get_club_access),
    put("/contacts/<contact_id>/club-access", club_access.set_club_access),
]
