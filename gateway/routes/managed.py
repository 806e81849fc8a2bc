"""What the business manages of its contacts, on the web: settings, locations, custom fields."""

from contracts.contacts import custom_fields, locations, settings
from gateway.routes.table import get, patch, post

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
]
