"""One trace goes from the HTTP request to the last service that hears of it, when the environment names a collector."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contracts.documents import agreements
from tests.builders.people import a_person
from tests.builders.waiting import eventually
from tests.house.collector import Collector, Span

TRACE, CALLERS = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
pytestmark = pytest.mark.requirement("O03")


@pytest.fixture
def collector() -> Iterator[Collector]:
    listening = Collector()
    yield listening
    listening.close()


def named(spans: list[Span], service: str, name: str) -> list[Span]:
    return [span for span in spans if (span.service, span.name) == (service, name)]


def lineage_of(spans: list[Span], service: str, name: str) -> list[Span]:
    """A span, what it came of, and so on as far as spans have arrived: each process sends its own when it likes."""
    by_id = {span.id: span for span in spans}
    lineage = named(spans, service, name)[:1]
    while lineage and (parent := by_id.get(lineage[-1].parent or "")):
        lineage.append(parent)
    return lineage


def test_a_trace_goes_from_the_request_to_the_lead_on_the_board(a_house, collector):
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    house = a_house(services=["contacts", "pipeline"], gateway=True, settings=settings)
    api = house.api()
    me = api.get("/me").json()["id"]
    person = a_person(enter_as="lead", assigned_to=me)
    made = api.post("/contacts", json=person, headers={"traceparent": f"00-{TRACE}-{CALLERS}-01"})
    assert made.headers["X-Request-Id"] == TRACE

    told = "publish lead.entered"
    assert eventually(
        lambda: [one for one in lineage_of(collector.of(TRACE), "pipeline", told) if one.parent == CALLERS]
    )
    spans = collector.of(TRACE)
    lineage = [(span.service, span.name) for span in lineage_of(spans, "pipeline", told)]
    assert lineage[::-1] == [
        ("gateway", "POST /v1/contacts"),
        ("gateway", "contacts.create_contact"),
        ("contacts", "contacts.create_contact"),
        ("contacts", "publish contact.created"),
        ("pipeline", lineage[1][1]),
        ("pipeline", told),
    ]
    assert lineage[1][1].startswith("process pipeline.")
    (asked,) = named(spans, "contacts", "contacts.create_contact")
    statements = [span for span in spans if span.parent == asked.id and "db.query.text" in span.attributes]
    assert any("INSERT INTO events" in span.attributes["db.query.text"] for span in statements)
    (request,) = named(spans, "gateway", "POST /v1/contacts")
    assert (request.parent, request.attributes["http.response.status_code"]) == (CALLERS, 201)
    for secret in (person["emails"][0]["value"], person["last_name"], made.json()["id"]):
        assert secret not in str([span for span in spans if "messaging.message.id" not in span.attributes])

    def answered():
        return [
            one for one in house.log("contacts") if one.get("span_id") == asked.id and one["event"] == "rpc answered"
        ]

    (line,) = eventually(answered)
    assert line["trace_id"] == TRACE


def test_a_collector_that_is_away_holds_up_nobody(a_house):
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_SCHEDULE_DELAY": "50"}
    house = a_house(services=["documents"], settings=settings)
    for _ in range(5):
        house.ask(agreements.list_agreements)
    process = house.process("documents")
    assert eventually(lambda: [line for line in house.log("documents") if "export" in str(line.get("event"))])
    process.stop(20)
    assert process.exit_code == 0
