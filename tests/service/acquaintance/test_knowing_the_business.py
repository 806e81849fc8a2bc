"""What the business says of itself reaches the services that speak in its name and count its days."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import orders, packages, payments
from contracts.contacts import settings
from contracts.documents import agreements, templates as papers
from contracts.notifications import templates as letters
from local.processes import wait_for
from tests.builders.people import a_lead

SERVICES = ("billing", "documents", "notifications")


def where_it_is_another_day() -> str:
    """Fourteen hours ahead of UTC, or twelve behind."""
    return "Etc/GMT-14" if dt.datetime.now(dt.UTC).hour >= 11 else "Etc/GMT+12"


@pytest.fixture
def told(ask, database):
    """`told(business_name=…)`: say so, and wait until everybody has heard of it; taken back in the end."""
    asked = sa.text("SELECT key, value FROM known_settings")

    def say(**given):
        holds = ask(settings.change_settings, **given)

        def heard(service):
            with database(service).connect() as connection:
                known = dict(connection.execute(asked).tuples().all())
            return all(known.get(key, "" if value else holds[key]) == holds[key] for key, value in given.items())

        assert wait_for(lambda: all(heard(service) for service in SERVICES), 15)

    yield say
    say(business_name=None, time_zone=None)


@pytest.mark.requirement("G10")
def test_letters_papers_and_sales_go_by_the_settings_of_the_business(ask, told, database):
    zone = where_it_is_another_day()
    told(business_name="Harbour Yoga", time_zone=zone)
    ada = a_lead(ask)["id"]
    words = {"name": new_id(), "subject": "Hello", "body_text": "Yours, {{ business.name }}"}
    letter = ask(letters.create_message_template, **words)["id"]
    assert ask(letters.preview_message, template_id=letter, contact_id=ada)["body_text"] == "Yours, Harbour Yoga"

    paper = ask(papers.create_template, kind="waiver", title="Waiver", body="{{business.name}}, {{today}}")["id"]
    before = dt.datetime.now(ZoneInfo(zone))
    text = ask(agreements.send_agreement, template_id=paper, contact_id=ada)["text"]
    assert text in {f"Harbour Yoga, {day.day} {day:%B %Y}" for day in (before, dt.datetime.now(ZoneInfo(zone)))}

    price = {"amount": 4900, "currency": "EUR"}
    cycle = {"unit": "month", "count": 1}
    gold = ask(packages.create_package, name="Gold", kind="membership", price=price, cycle=cycle)["id"]
    order = ask(orders.place_order, contact_id=ada, items=[{"package_id": gold}])["id"]
    ask(payments.take_payment, order_id=order, method="cash")
    with database("billing").connect() as connection:
        since = connection.scalar(sa.text("SELECT since FROM assignments WHERE order_id = :id"), {"id": order})
    assert since in {before.date(), dt.datetime.now(ZoneInfo(zone)).date()}
    assert since != dt.datetime.now(dt.UTC).date()


@pytest.mark.requirement("G10")
def test_without_a_word_of_the_business_the_environment_holds(ask, told):
    told(business_name="Harbour Yoga")
    told(business_name=None)
    words = {"name": new_id(), "subject": "Hello", "body_text": "{{ business.name }}"}
    letter = ask(letters.create_message_template, **words)["id"]
    ada = a_lead(ask)["id"]
    assert ask(letters.preview_message, template_id=letter, contact_id=ada)["body_text"] not in ("", "Harbour Yoga")
