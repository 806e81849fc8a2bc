"""The oracle of an upgrade: clients who know only HTTP, and never ask twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import requests

from chassis.ids import new_id
from tests.builders.visitors import Visitors
from tests.faults.house_journal import HouseJournal
from tests.house.living import LivingHouse
from tests.house.web import Api


class HttpJournal(HouseJournal):
    """Sells over HTTP at whichever gateway serves; whatever is not answered as it should be is noted in `refused`."""

    def __init__(self, house: LivingHouse) -> None:
        super().__init__(house)
        self.visitors = Visitors(lambda: house.house.url)
        self.token = house.api().session.headers["Authorization"]
        self.answered: Counter[int] = Counter()
        self.refused: list[str] = []
        assert self.gold  # before anything happens

    def sell(self, who: str) -> None:
        """Enter a lead, sell it a membership, and look at what came of it; given up where something is refused."""
        client = Api(self.house.house.url)
        client.session.headers["Authorization"] = self.token
        lead = {
            "kind": "person", "enter_as": "lead", "first_name": "Ada", "last_name": who,
            "emails": [{"value": f"{who}@x.com"}], "assigned_to": self.house.owner["id"],
        }  # fmt: skip
        contact = self._asked(client, "POST", "/contacts", lead)
        order = contact and self._asked(
            client, "POST", "/orders", {"contact_id": contact["id"], "items": [{"package_id": self.gold}]}
        )
        if order and self._asked(client, "POST", f"/orders/{order['id']}/payments", {"method": "cash"}):
            self.sold[order["id"]] = contact["id"]
            self._asked(client, "GET", f"/contacts/{contact['id']}")
            self._asked(client, "GET", "/contacts?limit=5")
            self._asked(client, "GET", "/board")
        client.session.close()

    def _asked(self, client: Api, method: str, path: str, body: Any = None) -> Any:
        try:
            with self.visitors.on_the_way() as client.url:  # as it is now: the gateway may have been replaced
                answer = client.request(method, path, json=body, key=new_id() if body else None)
        except requests.RequestException as error:
            self.refused.append(f"{method} {path}: {error}")
            return None
        self.answered[answer.status_code] += 1
        if answer.status_code >= 300:
            self.refused.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            return None
        return answer.json()
