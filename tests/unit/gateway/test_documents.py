"""What is written of the API and the events is true, complete, valid, and fresh."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.catalogue import all_events, all_rpcs
from gateway import asyncapi, openapi
from gateway.console.pages import HERE
from gateway.routes import all_routes

ASYNCAPI = Path(__file__).parent / "asyncapi" / "schema-3.0.0.json"
OF_NO_ROUTE = {
    # asked by the gateway's own views
    "contacts.start_import",
    "contacts.set_photo",
    *(f"{service}.{name}" for name in ("read_events", "get_job", "cancel_job") for service in
      ("contacts", "pipeline", "billing", "documents", "notifications")),
}  # fmt: skip


@pytest.fixture(scope="module")
def documents():
    return {of: of.document() for of in (openapi, asyncapi)}


@pytest.mark.parametrize("of", [openapi, asyncapi])
@pytest.mark.requirement("G01")
def test_the_committed_document_is_fresh(documents, of):
    assert of.FILE.read_text(encoding="utf-8") == openapi.as_yaml(documents[of]), f"./rapport {of.FILE.stem}"


@pytest.mark.requirement("G01")
def test_the_api_is_described_in_valid_openapi(documents):
    OpenAPIV31SpecValidator(documents[openapi]).validate()


@pytest.mark.requirement("G01")
def test_the_events_are_described_in_valid_asyncapi(documents):
    document = documents[asyncapi]
    jsonschema.Draft7Validator(json.loads(ASYNCAPI.read_text())).validate(document)
    for reference in re.findall(r"'\$ref': '#/([^']+)'", str(document)):
        found = document
        for step in reference.split("/"):
            found = found[step]


def test_every_event_and_every_route_is_in_its_document(documents):
    assert len(documents[asyncapi]["channels"]) == len(all_events())
    paths = documents[openapi]["paths"]
    assert sum(len(path) for path in paths.values()) == len(all_routes())


def test_every_question_that_people_may_ask_stands_on_the_web():
    asked = {str(route.rpc) for route in all_routes()}
    assert {str(rpc) for rpc in all_rpcs() if rpc.needs != "system"} - asked - OF_NO_ROUTE == set()


@pytest.mark.parametrize("path", ["/openapi.yaml", "/openapi.json", "/asyncapi.yaml", "/asyncapi.json"])
def test_the_documents_are_served(client, documents, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.content_type == ("application/json" if path.endswith("json") else "application/yaml")
    text = response.get_data(as_text=True)
    read = json.loads(text) if path.endswith("json") else yaml.load(text, yaml.CSafeLoader)
    assert read == documents[openapi if "openapi" in path else asyncapi]


@pytest.mark.parametrize("path", ["/docs", "/docs/events"])
@pytest.mark.requirement("G01")
def test_a_page_loads_nothing_from_elsewhere(client, path):
    page = client.get(path)
    text = page.get_data(as_text=True)
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert address.startswith("/")
        assert client.get(address).status_code == 200, address
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|\*", policy)


def test_the_page_of_the_events_shows_each_of_them(client):
    text = client.get("/docs/events").get_data(as_text=True)
    assert all(f"<code>{event.type}</code>" in text for event in all_events())


def test_what_is_vendored_brings_its_licence_and_leads_nowhere():
    vendored = {file.name for file in (HERE / "vendor").iterdir()}
    assert {"swagger-ui.LICENSE", "swagger-ui.NOTICE", "swagger-ui-bundle.js.LICENSE.txt"} <= vendored
    assert "url(http" not in (HERE / "vendor" / "swagger-ui.css").read_text()
    assert "validatorUrl: null" in (HERE / "static" / "api.js").read_text()
