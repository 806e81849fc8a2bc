"""Reading the event feed by HTTP from where a test begins: all that a worker's house has told is long."""

from __future__ import annotations

from typing import Any

from gateway.feed import SERVICES, cursor_of
from tests.house.living import LivingHouse
from tests.house.web import Api


class Reader:
    """Reads what is told from now on; `news()` is all of that, `end` the cursor behind the last of it."""

    def __init__(self, api: Api, house: LivingHouse) -> None:
        self._api = api
        self._items: list[dict[str, Any]] = []
        self.end = cursor_of({service: _newest(house, service) for service in SERVICES})

    def news(self) -> list[dict[str, Any]]:
        """Every event since the reader was made, in the order of the feed."""
        while (page := self._api.get(f"/events?after={self.end}&limit=500").json())["items"]:
            self._items += page["items"]
            self.end = page["next"]
        return self._items


def _newest(house: LivingHouse, service: str) -> int:
    with house.database(service).connect() as connection:
        return int(connection.exec_driver_sql("SELECT coalesce(max(position), 0) FROM events").scalar_one())
