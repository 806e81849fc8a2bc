"""Invoices and credit notes on paper, and sent by e-mail from wherever one looks at them."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from chassis.ids import new_id
from chassis.storage import Folder
from contracts.billing import credit_notes, invoices, orders, papers, payments, taxes
from contracts.contacts import people
from contracts.errors import Conflict, Forbidden, NotFound
from local.processes import wait_for
from tests.builders.people import a_lead


def words_of(house, file: dict) -> str:
    with Folder(house.env["RAPPORT_STORAGE"]).open(file["file_key"]) as stream:
        pages = PdfReader(io.BytesIO(stream.read())).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def sold(ask, a_package):
    """`sold(contact_id)`: an order of two towels, 3.00 each and 19 % on top."""

    def build(contact: str) -> dict:
        rate = ask(taxes.create_tax_rate, name="VAT", basis_points=1900, inclusive=False)["id"]
        towel = a_package(kind="product", name="Towel <b>& Żółć", amount=300, tax_rate_id=rate)
        return ask(orders.place_order, contact_id=contact, items=[{"package_id": towel["id"], "quantity": 2}])

    return build


@pytest.mark.requirement("B07", "B06")
def test_an_invoice_and_a_credit_note_are_drawn_once_and_say_what_is_in_them(house, ask, sold, a_buyer):
    order = sold(a_buyer())
    payment = ask(payments.take_payment, order_id=order["id"], method="cash")
    file = ask(papers.get_invoice_pdf, invoice_id=order["invoice_id"])
    said = words_of(house, file)
    for part in ("Bea Buyer", "Towel <b>& Żółć", "VAT 19 %", "6.00 EUR", "1.14 EUR", "7.14 EUR", order["invoice_id"]):
        assert part in said
    ask(payments.refund_payment, payment_id=payment["id"], reason="A stain")
    assert ask(papers.get_invoice_pdf, invoice_id=order["invoice_id"]) == file
    (note,) = ask(credit_notes.list_credit_notes, invoice_id=order["invoice_id"])["items"]
    said = words_of(house, ask(papers.get_credit_note_pdf, credit_note_id=note["id"]))
    for part in (f"Credit note {note['number']}", f"On invoice: {note['invoice_number']}", "-7.14 EUR"):
        assert part in said
    assert note["reason"] == "A stain"
    assert "stain" not in said, "why, the team tells itself"


@pytest.mark.requirement("B06", "N08")
def test_an_invoice_is_sent_from_the_invoice_the_order_and_the_payment_alike(house, ask, sold, mailbox):
    address = f"{new_id()}@example.org"
    order = sold(a_lead(ask, emails=[{"value": address, "label": "home"}])["id"])
    payment = ask(payments.take_payment, order_id=order["id"], method="cash")
    key = new_id()
    for _ in range(2):
        invoice = ask(papers.send_invoice, invoice_id=order["invoice_id"], key=key)
    ask(papers.send_invoice_of_order, order_id=order["id"])
    ask(papers.send_invoice_of_payment, payment_id=payment["id"])
    mailbox.wait_for(address, count=3)
    letter, _, _ = mailbox.messages(address)
    assert letter["subject"] == f"Invoice {invoice['number']}"
    (attached,) = letter.iter_attachments()
    assert attached.get_filename().startswith(f"invoice-{invoice['number']}-")
    assert "7.14 EUR" in PdfReader(io.BytesIO(attached.get_content())).pages[0].extract_text()


@pytest.mark.requirement("B07")
def test_a_void_invoice_says_so_on_paper_and_is_not_sent(house, ask, sold):
    reachable = a_lead(ask, emails=[{"value": f"{new_id()}@example.org", "label": "home"}])["id"]
    order = sold(reachable)
    before = ask(papers.get_invoice_pdf, invoice_id=order["invoice_id"])
    assert "void" not in words_of(house, before).lower()
    void = ask(invoices.void_invoice, invoice_id=order["invoice_id"], reason="A slip of the hand")
    after = ask(papers.get_invoice_pdf, invoice_id=order["invoice_id"])
    said = words_of(house, after)
    assert f"Invoice {void['number']} (void)" in said
    assert f"Void since: {void['closed_at'][:10]}" in said
    assert "slip" not in said, "why, the team tells itself"
    assert ask(papers.get_invoice_pdf, invoice_id=order["invoice_id"]) == after
    for send, of in ((papers.send_invoice, "invoice_id"), (papers.send_invoice_of_order, "order_id")):
        with pytest.raises(Conflict, match="is void"):
            ask(send, **{of: void["id"] if of == "invoice_id" else order["id"]})


@pytest.mark.requirement("B06", "B07")
def test_a_credit_note_is_sent_to_whoever_the_contact_is_by_now(ask, sold, mailbox, billing):
    ada = a_lead(ask)["id"]
    payment = ask(payments.take_payment, order_id=sold(ada)["id"], method="cash")
    ask(payments.refund_payment, payment_id=payment["id"])
    (note,) = ask(credit_notes.list_credit_notes, contact_id=ada)["items"]
    address = f"{new_id()}@example.org"
    ask(people.change_contact, contact_id=ada, emails=[{"value": address, "label": "home"}])
    assert wait_for(lambda: not known_whole(billing, ada), 30)
    ask(papers.send_credit_note, credit_note_id=note["id"])
    mailbox.wait_for(address)
    (letter,) = mailbox.messages(address)
    assert letter["subject"] == f"Credit note {note['number']}"
    (attached,) = letter.iter_attachments()
    assert attached.get_filename().startswith(f"credit-note-{note['number']}-")


def known_whole(billing, contact_id: str) -> bool:
    known = "SELECT complete FROM known_contacts WHERE contact_id = %s"
    with billing.connect() as connection:
        return connection.exec_driver_sql(known, (contact_id,)).scalar()


@pytest.mark.requirement("B06", "C39")
def test_what_cannot_be_sent_or_drawn_is_refused(ask, sold, a_buyer, an_order, billing):
    for rpc, which in (
        (papers.get_invoice_pdf, "invoice_id"), (papers.get_credit_note_pdf, "credit_note_id"),
        (papers.send_invoice, "invoice_id"), (papers.send_invoice_of_order, "order_id"),
        (papers.send_invoice_of_payment, "payment_id"), (papers.send_credit_note, "credit_note_id"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            ask(rpc, **{which: new_id()})
    order = sold(a_buyer())
    with pytest.raises(Forbidden):
        ask(papers.send_invoice, actor="member", invoice_id=order["invoice_id"])
    with pytest.raises(Conflict, match="e-mail"):
        ask(papers.send_invoice, invoice_id=order["invoice_id"])
    with pytest.raises(Conflict, match="no invoice"):
        ask(papers.send_invoice_of_order, order_id=an_order(kind="trial", amount=0)["id"])
    with billing.begin() as connection:
        archive = "UPDATE known_contacts SET standing = 'archived' WHERE contact_id = %s"
        connection.exec_driver_sql(archive, (order["contact_id"],))
    with pytest.raises(Conflict, match="archived"):
        ask(papers.send_invoice, invoice_id=order["invoice_id"])
