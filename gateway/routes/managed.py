"""What the business manages of its contacts, on the web: settings, locations."""

from contracts.contacts import locations, settings
from gateway.routes.table import get, patch, post

ROUTES = [
    get("/settings", settings.get_settings),
    patch("/settings", settings.change_settings),
    get("/locations", locations.list_locations),
    post("/locations", locations.create_location, makes="/locations/{id}"),
    get("/locations/<location_id>", locations.get_location),
    patch("/locations/<location_id>", locations.change_location),
]
