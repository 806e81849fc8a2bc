"""From a file of contacts to a customer, through all five services: over HTTP alone, heard by two outsiders."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.builders.waiting import eventually
from tests.house.living import LivingHouse
from tests.house.web import Api

GOOGLE = Path(__file__).parents[1] / "samples" / "google-contacts.csv"
EXCHANGES = ("contacts", "pipeline", "billing", "documents", "notifications")
EURO = {"currency": "EUR"}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def travelled(servers, mailbox, tmp_path_factory):
    """A house of its own for the one long journey, with both outsiders listening from before its beginning."""
    house = LivingHouse(servers, settings={"RAPPORT_SMTP_URL": mailbox.url}, gateway=True)
    with closing(house), ExitStack() as outside:
        house.open()
        stock = outside.enter_context(Stock(house.env["RAPPORT_AMQP_URI"], tmp_path_factory.mktemp("stock") / "heard"))
        listeners = [house.subscriber(f"{service}.events", "#") for service in EXCHANGES]
        plain = [outside.enter_context(closing(listener)) for listener in listeners]
        api = house.api()
        start = everything(api)[1]
        journey = Journey(api, house, mailbox)
        journey.travel()
        yield journey, plain, stock, start


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


@pytest.mark.requirement("C15", "C19")
def test_the_file_comes_in_and_bad_rows_come_back_with_reasons(travelled):
    journey = travelled[0]
    job = journey.first_import
    assert (job["created"], job["rejected"]) == (301, 2)
    answer = journey.api.get(f"/imports/{job['import_id']}/rejects")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["Last Name"] for row in rows] == ["Address", "Birthday"]
    assert all(row["Reasons"] for row in rows)
    (formula,) = got(journey.api.get("/contacts?q=Formula"))["items"]
    assert formula["first_name"] == '=HYPERLINK("http://evil.example","x")'
    assert (formula["acquisition"], formula["studio_controlled"]) == ("import", True)


@pytest.mark.requirement("C19")
def test_the_file_twice_creates_nobody(travelled):
    assert travelled[0].second_import["created"] == 0
    assert travelled[0].second_import["updated"] == 0


@pytest.mark.requirement("C23", "C07")
@pytest.mark.parametrize("q", ["astrom", "ZOE", "79460018", "zoe.astrom@"])
def test_a_lead_is_found_by_any_part_without_accents(travelled, q):
    journey = travelled[0]
    found = got(journey.api.get("/contacts", params={"q": q}))["items"]
    assert journey.lead in [contact["id"] for contact in found]


@pytest.mark.requirement("C02", "C17", "P01", "P02", "P03")
def test_a_lead_stands_on_the_board_and_is_moved(travelled):
    journey = travelled[0]
    assert journey.stage_on_the_board == "New"
    assert journey.moved["stage"] == "Follow-up"
    moves = got(journey.api.get(f"/leads/{journey.lead}/moves"))["items"]
    assert [move["to_stage"] for move in reversed(moves)][:3] == ["New", "Follow-up", "Won"]
    unassigned = journey.api.post("/contacts", json={"kind": "person", "enter_as": "lead", "first_name": "No"})
    assert got(unassigned, 422)["errors"][0]["pointer"] == "/assigned_to"


@pytest.mark.requirement("P07", "B01")
def test_a_trial_leaves_a_lead_a_lead(travelled):
    assert travelled[0].after_the_trial["lifecycle"]["state"] == "lead"


@pytest.mark.requirement("C02", "C03", "C05", "P07", "B03")
def test_cash_makes_a_customer_at_once_and_says_why(travelled):
    journey = travelled[0]
    assert journey.paid["state"] == "taken"
    assert "Gold" in journey.customer["lifecycle"]["reason"]
    assert journey.customer["membership_number"]
    lead = eventually(lambda: (told := got(journey.api.get(f"/leads/{journey.lead}")))["stage"] == "Won" and told)
    assert lead["stage_kind"] == "won"


@pytest.mark.requirement("B03", "P07")
def test_a_bank_transfer_makes_a_customer_when_it_is_approved_and_none_when_it_is_rejected(travelled):
    journey = travelled[0]
    assert [(state, contact["lifecycle"]["state"]) for state, contact in journey.pending] == [("pending", "lead")] * 2
    assert journey.approved_contact["lifecycle"]["state"] == "customer"
    assert journey.contact(journey.rejected)["lifecycle"]["state"] == "lead"
    assert got(journey.api.get(f"/contacts/{journey.rejected}/account"))["dues"] == [{"amount": 4900, **EURO}]


@pytest.mark.requirement("B03", "B06", "C03", "P07")
def test_a_card_makes_a_customer_and_giving_the_money_back_a_lead_again(travelled):
    journey = travelled[0]
    assert journey.card_payment["state"] == "taken"
    assert journey.carl_again["lifecycle"]["state"] == "lead"
    assert eventually(lambda: got(journey.api.get(f"/leads/{journey.by_card_id}"))["stage_kind"] == "open")
    numbers = {contact["membership_number"] for contact in (journey.customer, journey.carl_as_customer)}
    assert len(numbers) == 2


@pytest.mark.requirement("D01", "D02")
def test_the_waiver_is_signed_on_its_link(travelled):
    journey = travelled[0]
    assert journey.page.headers["Content-Type"].startswith("text/html")
    assert journey.signature["state"] == "signed"
    assert journey.pdf.headers["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(journey.pdf.content)).pages)
    assert "Zoë Åström" in text


@pytest.mark.requirement("N01", "N02")
def test_the_welcome_goes_out_once_and_is_in_the_log(travelled):
    journey = travelled[0]

    def sent() -> list[dict[str, Any]] | None:
        log = got(journey.api.get(f"/contacts/{journey.lead}/communications"))["items"]
        return log if [message["state"] for message in log] == ["sent"] else None

    (message,) = eventually(sent)
    assert message["channel"] == "email"
    assert "Zoë" in message["body_text"]
    assert len(journey.mailbox.messages("zoe.astrom@example.com")) == 1


@pytest.mark.requirement("C30", "C31")
def test_the_timeline_tells_all_of_it_in_order_and_can_be_narrowed(travelled):
    journey = travelled[0]
    wanted = {
        "contact.created", "lead.entered", "lead.moved", "order.placed", "package.assigned", "payment.taken",
        "contact.lifecycle_changed", "lead.won", "agreement.sent", "agreement.signed", "message.sent", "note.added",
        "contact.tagged",
    }  # fmt: skip

    def told() -> list[dict[str, Any]] | None:
        items = got(journey.api.get(f"/contacts/{journey.lead}/timeline?limit=200"))["items"]
        return items if wanted <= {item["type"] for item in items} else None

    items = eventually(told)
    moments = [item["happened_at"].rstrip("Z") for item in items]
    assert moments == sorted(moments, reverse=True)
    narrowed = got(journey.api.get(f"/contacts/{journey.lead}/timeline?type=payment.taken,note.added"))["items"]
    assert {item["type"] for item in narrowed} == {"payment.taken", "note.added"}
    paged, cursor = [], None
    while cursor or not paged:
        page = got(journey.api.get(f"/contacts/{journey.lead}/timeline", params={"limit": 4, "cursor": cursor}))
        paged += page["items"]
        cursor = page["next"]
    assert [item["id"] for item in paged] == [item["id"] for item in items]


@pytest.mark.requirement("G07")
def test_the_feed_has_every_event_once_without_a_gap_and_both_outsiders_heard_the_same(travelled):
    journey, plain, stock, start = travelled
    eventually(lambda: everything(journey.api)[1] == everything(journey.api)[1])
    whole = everything(journey.api)[0]
    for service in EXCHANGES:
        numbers = [int(item["sequence"]) for item in whole if item["source"].endswith(service)]
        assert numbers == list(range(1, len(numbers) + 1)), service
    since = [item["id"] for item in everything(journey.api, start)[0]]
    assert len(since) == len(set(since)) > 1000

    def heard_by_kombu() -> list[str] | None:
        for listener in plain:
            listener.listen(0.05)
        heard = [event.id for listener in plain for event in listener.heard]
        return heard if set(since) <= set(heard) else None

    heard = eventually(heard_by_kombu)
    assert len(heard) == len(set(heard))
    by_nameko = eventually(lambda: set(since) <= set(stock.heard()) and stock.heard())
    assert len(by_nameko) == len(set(by_nameko))


@pytest.mark.requirement("C13", "C05")
def test_the_profile_is_one_answer_and_with_billing_gone_the_rest_still_comes(travelled):
    journey = travelled[0]
    profile = got(journey.api.get(f"/contacts/{journey.lead}/profile"))
    assert profile["missing"] == []
    assert profile["contact"]["membership_number"] == journey.customer["membership_number"]
    assert profile["lead"]["stage"] == "Won"
    assert {package["name"] for package in profile["billing"]["packages"]} == {"Two weeks", "Gold"}
    assert [tag["name"] for tag in profile["tags"]] == ["VIP"]
    assert profile["notes"][0]["text"] == "Prefers mornings."
    assert profile["awaiting_signature"] == []
    assert profile["agreements"][0]["state"] == "signed"
    assert profile["timeline"]
    journey.house.process("billing").stop()
    try:
        partial = got(journey.api.get(f"/contacts/{journey.lead}/profile"))
        assert partial["missing"] == ["billing"]
        assert partial["billing"] is None
        assert partial["contact"] == profile["contact"]
        refused = journey.api.get(f"/contacts/{journey.lead}/account")
        assert got(refused, 503)["type"] == "/problems/unavailable"
        assert int(refused.headers["Retry-After"]) >= 1
    finally:
        journey.house.start_again("billing")
    assert eventually(lambda: got(journey.api.get(f"/contacts/{journey.lead}/profile"))["missing"] == [])
