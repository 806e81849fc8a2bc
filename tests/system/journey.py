"""The one long way that test_the_journey looks at: from a file of contacts to a customer, step by step over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.builders.waiting import eventually
from tests.house.living import LivingHouse
from tests.house.web import Api

GOOGLE = Path(__file__).parents[1] / "samples" / "google-contacts.csv"
EURO = {"currency": "EUR"}


class Stock:
    """The outsider that is a plain nameko service."""

    def __init__(self, uri: str, kept: Path) -> None:
        self.kept = kept
        command = [sys.executable, "-m", "tests.builders.stock_nameko", uri, str(kept)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == "listening"

    def heard(self) -> list[str]:
        """The ids of what its handlers have dealt with."""
        return self.kept.read_text().split() if self.kept.exists() else []

    def __enter__(self) -> Stock:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def everything(api: Api, after: str = "") -> tuple[list[dict[str, Any]], str]:
    """The whole feed from there, page by page, and where it ends."""
    items: list[dict[str, Any]] = []
    while True:
        page = got(api.get(f"/events?after={after}&limit=200"))
        items += page["items"]
        after = page["next"]
        if not page["items"]:
            return items, after


def got(answer, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, f"{answer.request.method} {answer.request.path_url}: {answer.text}"
    return answer.json()


class Journey:
    """Walks the way once, step by step, and keeps what the tests look at."""

    def __init__(self, api: Api, house: LivingHouse, mailbox: Any) -> None:
        self.api, self.house, self.mailbox = api, house, mailbox
        self.me = got(api.get("/me"))

    def travel(self) -> None:
        self.first_import = self.imported()
        self.second_import = self.imported()
        self.lead = self.enter("Zoë", "Åström", "zoe.astrom@example.com", "020 7946 0018")
        self.stage_on_the_board = self.stage_of(self.lead)
        self.follow_up = next(s["stage_id"] for s in got(self.api.get("/board"))["stages"] if s["name"] == "Follow-up")
        move = {"stage_id": self.follow_up, "reason": "called back"}
        self.moved = got(self.api.post(f"/leads/{self.lead}/move", json=move, key="move-1"))
        self.trial = self.package("Two weeks", "trial", 0)
        self.gold = self.package("Gold", "membership", 4900)
        self.order(self.lead, self.trial)
        self.after_the_trial = self.contact(self.lead)
        self.paid = self.pay(self.order(self.lead, self.gold), "cash")
        self.customer = eventually(lambda: self.is_customer(self.lead))
        self.by_transfer()
        self.by_card()
        self.signed()
        self.welcomed()
        got(self.api.post(f"/contacts/{self.lead}/notes", json={"text": "Prefers mornings."}), 201)
        got(self.api.post(f"/contacts/{self.lead}/tags", json={"tag": "VIP"}))

    def imported(self) -> dict[str, Any]:
        answer = self.api.post("/imports", files={"file": ("google-contacts.csv", GOOGLE.read_bytes(), "text/csv")})
        started = got(answer, 202)
        job = answer.headers["Location"].removeprefix("/v1")
        return eventually(lambda: self.finished(job), seconds=60) | {"import_id": started["id"]}

    def finished(self, job: str) -> dict[str, Any] | None:
        told = got(self.api.get(job))
        assert told["state"] in ("queued", "running", "done"), told
        return told if told["state"] == "done" else None

    def enter(self, first: str, last: str, email: str, phone: str) -> str:
        person = {
            "kind": "person", "enter_as": "lead", "first_name": first, "last_name": last,
            "emails": [{"value": email, "label": "home"}], "phones": [{"value": phone, "label": "mobile"}],
            "assigned_to": self.me["id"],
        }  # fmt: skip
        return got(self.api.post("/contacts", json=person), 201)["id"]

    def contact(self, contact_id: str) -> dict[str, Any]:
        return got(self.api.get(f"/contacts/{contact_id}"))

    def is_customer(self, contact_id: str) -> dict[str, Any] | None:
        contact = self.contact(contact_id)
        return contact if contact["lifecycle"]["state"] == "customer" else None

    def is_lead(self, contact_id: str) -> dict[str, Any] | None:
        contact = self.contact(contact_id)
        return contact if contact["lifecycle"]["state"] == "lead" else None

    def stage_of(self, contact_id: str) -> str:
        def look() -> str | None:
            for stage in got(self.api.get("/board?limit=100"))["stages"]:
                if contact_id in [card["contact_id"] for card in stage["leads"]]:
                    return stage["name"]
            return None

        return eventually(look)

    def package(self, name: str, kind: str, amount: int) -> str:
        wanted = {"name": name, "kind": kind, "price": {"amount": amount, **EURO}}
        return got(self.api.post("/packages", json=wanted), 201)["id"]

    def order(self, contact_id: str, package_id: str) -> str:
        wanted = {"contact_id": contact_id, "items": [{"package_id": package_id}]}
        return got(self.api.post("/orders", json=wanted), 201)["id"]

    def pay(self, order_id: str, method: str) -> dict[str, Any]:
        return got(self.api.post(f"/orders/{order_id}/payments", json={"method": method}, key=f"pay-{order_id}"), 201)

    def by_transfer(self) -> None:
        """Two leads by bank transfer: one is approved, the other rejected."""
        self.approved = self.enter("Anna", "Approved", "anna@example.com", "020 7946 0019")
        self.rejected = self.enter("Rita", "Rejected", "rita@example.com", "020 7946 0020")
        payments = [self.pay(self.order(who, self.gold), "bank_transfer") for who in (self.approved, self.rejected)]
        self.pending = [(payment["state"], self.contact(payment["contact_id"])) for payment in payments]
        got(self.api.post(f"/payments/{payments[0]['id']}/approve"))
        got(self.api.post(f"/payments/{payments[1]['id']}/reject", json={"reason": "never arrived"}))
        self.approved_contact = eventually(lambda: self.is_customer(self.approved))

    def by_card(self) -> None:
        """A third by card, whose payment is given back later: a lead again."""
        self.by_card_id = self.enter("Carl", "Card", "carl@example.com", "020 7946 0021")
        payment = self.pay(self.order(self.by_card_id, self.gold), "card")
        self.card_payment = payment
        self.carl_as_customer = eventually(lambda: self.is_customer(self.by_card_id))
        got(self.api.post(f"/payments/{payment['id']}/refund", json={"reason": "changed his mind"}))
        self.carl_again = eventually(lambda: self.is_lead(self.by_card_id))

    def signed(self) -> None:
        waiver = got(self.api.get("/agreement-templates?kind=waiver"))["items"][0]["id"]
        sent = got(self.api.post("/agreements", json={"contact_id": self.lead, "template_id": waiver}), 201)
        link, nobody = sent["sign_url"].partition("/v1")[2], self.api.as_nobody()
        self.page = nobody.get(link, headers={"Accept": "text/html"})
        self.read = got(nobody.get(link))
        self.signature = got(nobody.post(link, json={"name": "Zoë Åström", "agreed": True}))
        self.pdf = self.api.get(f"/agreements/{sent['id']}/pdf")

    def welcomed(self) -> None:
        template = next(t["id"] for t in got(self.api.get("/message-templates"))["items"] if t["name"] == "Welcome")
        message = {"channel": "email", "template_id": template}
        first = got(self.api.post(f"/contacts/{self.lead}/messages", json=message, key="welcome"), 201)
        again = got(self.api.post(f"/contacts/{self.lead}/messages", json=message, key="welcome"), 201)
        assert first["id"] == again["id"]
        self.letter = self.mailbox.wait_for("zoe.astrom@example.com")
