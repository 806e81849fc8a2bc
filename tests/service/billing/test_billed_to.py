"""Invoices and credit notes are addressed as the contact was when they were issued, whatever becomes of it later."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from chassis.storage import Folder
from contracts.billing import credit_notes, invoices, orders, packages, papers, payments
from contracts.contacts import people
from contracts.errors import Unavailable
from services.acquaintance import known_contacts
from services.billing.addressees.model import PostalAddress
from tests.builders.waiting import eventually

pytestmark = pytest.mark.requirement("B07", "C08")
BESIDE = "billing"
HIGH_STREET = {"street": "1 High Street", "city": "London", "region": "", "postal_code": "N1 9GU", "country": "GB"}
HARBOUR = {"street": "Am Hafen 3", "city": "Hamburg", "region": "", "postal_code": "20457", "country": "DE"}


def ordered(two, contact: str) -> dict[str, Any]:
    price = {"amount": 300, "currency": "EUR"}
    towel = two.ask(packages.create_package, name="Towel", kind="product", price=price)
    return two.ask(orders.place_order, contact_id=contact, items=[{"package_id": towel["id"]}])


def billed_to(two, order: dict[str, Any]) -> dict[str, Any]:
    return two.ask(invoices.get_invoice, invoice_id=order["invoice_id"])["billed_to"]


def words(two, file: dict[str, Any]) -> str:
    with Folder(two.env["RAPPORT_STORAGE"]).open(file["file_key"]) as stream:
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(stream.read())).pages).split())


def remembered(two, contact: str) -> Any:
    """What billing remembers: the address, and whether it knows all of the contact."""
    with two.database("billing").connect() as connection:
        kept, known = PostalAddress.__table__, known_contacts
        found = kept.join(known, known.c.contact_id == kept.c.contact_id).select().where(kept.c.contact_id == contact)
        row = connection.execute(found).mappings().first()
    return row and (row["address"], row["complete"])


def test_it_says_where_they_lived_when_it_was_issued(two, a_contact):
    ana = a_contact(addresses=[HIGH_STREET | {"label": "home"}])
    name = two.ask(people.get_contact, contact_id=ana)["display_name"]
    order = ordered(two, ana)
    first = {"name": name, "address": HIGH_STREET}
    assert billed_to(two, order) == first
    moved = [HIGH_STREET | {"label": "home", "primary": True}, HARBOUR | {"label": "Billing"}]
    two.ask(people.change_contact, contact_id=ana, addresses=moved)
    eventually(lambda: (remembered(two, ana) or [None])[0] == HARBOUR)
    assert billed_to(two, order) == first
    said = words(two, two.ask(papers.get_invoice_pdf, invoice_id=order["invoice_id"]))
    assert "1 High Street" in said
    assert "N1 9GU" in said
    payment = two.ask(payments.take_payment, order_id=order["id"], method="cash")
    two.ask(payments.refund_payment, payment_id=payment["id"])
    [note] = two.ask(credit_notes.list_credit_notes, contact_id=ana)["items"]
    assert note["billed_to"] == {"name": name, "address": HARBOUR}
    assert "20457" in words(two, two.ask(papers.get_credit_note_pdf, credit_note_id=note["id"]))
    assert billed_to(two, ordered(two, ana))["address"] == HARBOUR


def test_who_has_no_address_is_named(two, a_contact):
    ben = a_contact()
    assert billed_to(two, ordered(two, ben))["address"] is None


def test_while_contacts_is_away_it_is_issued_as_far_as_is_known(two, a_contact):
    """To whom something was sold before; of whom nothing is known nobody can say whether there is such a contact."""
    ana, stranger = a_contact(addresses=[HIGH_STREET]), a_contact(addresses=[HARBOUR])
    ordered(two, ana)
    two.ask(people.change_contact, contact_id=ana, emails=[{"value": "ana@new.example"}])
    eventually(lambda: remembered(two, ana) == (HIGH_STREET, False))  # it would be asked for again
    two.process("contacts").kill()
    try:
        assert billed_to(two, ordered(two, ana))["address"] == HIGH_STREET
        with pytest.raises(Unavailable):
            ordered(two, stranger)
    finally:
        two.start_again("contacts")
    assert billed_to(two, ordered(two, stranger))["address"] == HARBOUR
