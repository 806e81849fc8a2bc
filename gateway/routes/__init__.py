"""Where every question stands on the web: one table a service, and one of what the gateway answers itself."""

from __future__ import annotations

from functools import cache

from gateway.routes.table import Route


@cache
def all_routes() -> tuple[Route, ...]:
    """Every row of every table."""
    from gateway.routes import (
        around,
        billing,
        bookings,
        contacts,
        documents,
        house,
        importing,
        managed,
        many,
        notifications,
        pipeline,
        segments,
    )

    tables = (
        contacts,
        segments,
        importing,
        managed,
        many,
        around,
        bookings,
        pipeline,
        billing,
        documents,
        notifications,
        house,
    )
    return tuple(route for table in tables for route in table.ROUTES)
