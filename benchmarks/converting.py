"""How long it takes from the 201 of a cash payment until everybody knows the lead as a customer, in RPC round trips.

Contacts says `customer`, the board has moved the card to Won, and billing, documents and notifications have heard the
version of the contact that says so. One sale after the other; the benchmark looks into the five databases.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

import sqlalchemy as sa

from benchmarks.http import Client, round_trip
from benchmarks.results import Figure
from benchmarks.stage import Stage
from chassis.config import settings
from local.processes import wait_for

SALES = 100
EVERY = 0.002
_CUSTOMER = "SELECT lifecycle = 'customer' FROM contacts WHERE id = :id"
_WON = "SELECT kind = 'won' FROM leads JOIN stages ON stages.id = leads.stage_id WHERE contact_id = :id"
_HEARD = "SELECT version >= :version FROM known_contacts WHERE contact_id = :id"
_VERSION = sa.text("SELECT version FROM contacts WHERE id = :id")
_KNOWN = sa.text("SELECT count(*) > 0 FROM known_contacts WHERE contact_id = :id")
HEARERS = ("pipeline", "billing", "documents", "notifications")


def measure(stage: Stage) -> list[Figure]:
    """Sell a membership to one lead after the other."""
    assert stage.house.gateway_port is not None
    client = Client(stage.house.gateway_port)
    price = {"amount": 4900, "currency": "EUR"}
    gold = client.ask("POST", "/v1/packages", {"name": "Gold", "kind": "membership", "price": price})["id"]
    with ExitStack() as stack:
        looks = {service: stack.enter_context(_looking_at(service)) for service in ("contacts", *HEARERS)}
        waits = sorted(_sold(client, looks, gold, n) for n in range(SALES))
        lead = _a_lead(client, SALES)
        trip = round_trip(lead, client.token)
    late, middle = waits[SALES * 95 // 100], waits[SALES // 2]
    remark = f"p95 {late * 1000:.0f} ms, median {middle * 1000:.0f} ms, a round trip {trip * 1000:.1f} ms"
    name = "from a cash payment's 201 to a customer in every service, p95 in RPC round trips"
    return [Figure(name, late / trip, 60, remark, at_most=True)]


def _looking_at(service: str) -> sa.Connection:
    engine = sa.create_engine(settings().database_url_of(service), poolclass=sa.NullPool)
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _sold(client: Client, looks: dict[str, sa.Connection], package_id: str, n: int) -> float:
    """Seconds until everybody knows."""
    lead = _a_lead(client, n)
    _until(looks, dict.fromkeys(HEARERS, _KNOWN), {"id": lead})
    order = client.ask("POST", "/v1/orders", {"contact_id": lead, "items": [{"package_id": package_id}]})["id"]
    client.ask("POST", f"/v1/orders/{order}/payments", {"method": "cash"})
    began = time.perf_counter()
    _until(looks, {"contacts": sa.text(_CUSTOMER)}, {"id": lead})
    version = looks["contacts"].scalar(_VERSION, {"id": lead})
    _until(looks, {"pipeline": sa.text(_WON)}, {"id": lead})
    _until(looks, dict.fromkeys(HEARERS, sa.text(_HEARD)), {"id": lead, "version": version})
    return time.perf_counter() - began


def _until(looks: dict[str, sa.Connection], questions: dict[str, sa.TextClause], values: dict[str, Any]) -> None:
    for service, question in questions.items():
        if not wait_for(lambda: looks[service].scalar(question, values), 30, every=EVERY):  # noqa: B023
            raise RuntimeError(f"never true in {service}: {question}")


def _a_lead(client: Client, n: int) -> str:
    me = client.ask("GET", "/v1/me")["id"]
    email = {"value": f"lead.{n}.{time.time_ns()}@example.org", "label": "home"}
    lead = {"kind": "person", "enter_as": "lead", "first_name": f"Zoë {n}", "emails": [email], "assigned_to": me}
    return str(client.ask("POST", "/v1/contacts", lead)["id"])
