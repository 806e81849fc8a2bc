"""What the business says of itself reaches the services that speak in its name and count its days."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import orders, packages, payments
from contracts.contacts import facts, settings
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
            return all(known.get(key) in (holds[key], None if value is None else ...) for key, value in given.items())

        assert wait_for(lambda: all(heard(service) for service in SERVICES), 15)

    yield say
    say(business_name=None, business_address=None, tax_number=None, time_zone=None, labels=None)


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


@pytest.mark.requirement("G10", "N04")
def test_letters_call_people_as_the_business_does(ask, told):
    told(labels={"customers": "patients"})
    words = {"name": new_id(), "subject": "News", "body_text": "To our {{ labels.customers }} and {{ labels.leads }}"}
    letter = ask(letters.create_message_template, **words)["id"]
    ada = a_lead(ask)["id"]
    assert ask(letters.preview_message, template_id=letter, contact_id=ada)["body_text"] == "To our patients and leads"


@pytest.mark.requirement("G10", "B01", "C24")
def test_a_business_that_counts_in_francs(a_house):
    """Settings are learnt by who was not there when they were made, and facts follow another currency."""
    house = a_house()
    house.ask(settings.change_settings, currency="CHF")
    house.let_time_pass("billing", "DELETE FROM known_settings")
    known = sa.text("SELECT count(*) FROM known_settings")

    def learnt():
        with house.database("billing").connect() as connection:
            return connection.scalar(known) == len(settings.SETTINGS)

    assert wait_for(learnt, 30)
    sold = house.ask(packages.create_package, name="Gold", kind="membership", price={"amount": 4900},
                     sign_up_fee={"amount": 100})  # fmt: skip
    assert (sold["price"]["currency"], sold["sign_up_fee"]["currency"]) == ("CHF", "CHF")
    dearer = house.ask(packages.change_package, package_id=sold["id"], price={"amount": 5900})
    assert dearer["price"] == {"amount": 5900, "currency": "CHF"}

    ada = a_lead(house.ask)["id"]
    order = house.ask(orders.place_order, contact_id=ada, items=[{"package_id": sold["id"]}])
    house.ask(payments.take_payment, order_id=order["id"], method="cash")

    def spent():
        found = house.ask(facts.get_facts, contact_id=ada)
        return found["currency"], found["lifetime_value"], found["other_currencies"]

    assert wait_for(lambda: spent() == ("CHF", 6000, []), 20), spent()
    house.ask(settings.change_settings, currency="EUR")
    assert wait_for(lambda: spent() == ("EUR", 0, [{"amount": 6000, "currency": "CHF"}]), 30), spent()
