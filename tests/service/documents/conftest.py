"""Documents alone, as a real process; of the contacts it has heard before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.documents import agreements, templates
from tests.builders.agreements import acquaint, with_token
from tests.house.hearing import Subscriber
from tests.house.keeper import Servers
from tests.house.living import LivingHouse


@pytest.fixture(scope="session")
def documents(servers: Servers) -> Iterator[LivingHouse]:
    living = LivingHouse(servers, services=["documents"], settings={"RAPPORT_BUSINESS_NAME": "Studio Żaba"})
    try:
        yield living.open()
    finally:
        living.close()


@pytest.fixture
def ask(documents: LivingHouse) -> Callable[..., Any]:
    return documents.ask


@pytest.fixture
def listener(documents: LivingHouse) -> Iterator[Subscriber]:
    """Hears what documents announces, from now on."""
    listening = documents.subscriber("documents.events", "agreement.#")
    yield listening
    listening.close()


@pytest.fixture
def a_contact(documents: LivingHouse) -> Callable[..., str]:
    def known(display_name: str = "Łukasz Żółć", first_name: str | None = "Łukasz", standing: str = "active") -> str:
        return acquaint(documents, display_name=display_name, first_name=first_name, standing=standing)

    return known


@pytest.fixture
def a_template(ask: Callable[..., Any]) -> Callable[..., str]:
    def written(body: str = "I, {{contact.display_name}}, agree.", title: str = "Waiver", kind: str = "waiver") -> str:
        return ask(templates.create_template, kind=kind, title=title, body=body)["id"]

    return written


@pytest.fixture
def sent(
    ask: Callable[..., Any], a_contact: Callable[..., str], a_template: Callable[..., str]
) -> Callable[..., dict[str, Any]]:
    """Send an agreement to a contact of its own, and answer with it, its token under `token`."""

    def send(**told: Any) -> dict[str, Any]:
        body = told.pop("body", "I, {{contact.display_name}}, agree.")
        who = {"display_name": told.pop("display_name", "Łukasz Żółć")}
        request = {"contact_id": a_contact(**who), "template_id": a_template(body=body)} | told
        return with_token(ask(agreements.send_agreement, **request))

    return send
