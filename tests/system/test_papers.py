"""An invoice and its credit note as whoever works there gets them in a browser."""

from __future__ import annotations

import pytest

from chassis.ids import new_id
from tests.builders.people import an_email
from tests.house.web import Api

PASSWORD = "a long password"


@pytest.mark.requirement("B07", "G05")
def test_an_invoice_and_its_credit_note_are_had_as_pdf_by_who_may_see_them(api: Api, a_lead_of) -> None:
    contact = a_lead_of().json()["id"]
    price = {"amount": 300, "currency": "EUR"}
    towel = api.post("/packages", json={"name": "Towel", "kind": "product", "price": price}).json()["id"]
    order = api.post("/orders", json={"contact_id": contact, "items": [{"package_id": towel}]}).json()
    payment = api.post(f"/orders/{order['id']}/payments", json={"method": "cash"}).json()
    assert api.post(f"/payments/{payment['id']}/refund", json={"reason": "A stain"}).status_code == 200
    (note,) = api.get(f"/credit-notes?contact_id={contact}").json()["items"]
    who = {"email": an_email()["value"], "password": PASSWORD}
    assert api.post("/team-members", json={"name": "Dora", "role": "dispatcher", **who}).status_code == 201
    dispatcher = api.as_(**who)
    for path in ("/invoices/{}/pdf", "/credit-notes/{}/pdf"):
        there = path.format(order["invoice_id"] if "invoices" in path else note["id"])
        paper = api.get(there)
        assert (paper.status_code, paper.headers["Content-Type"]) == (200, "application/pdf")
        assert paper.content.startswith(b"%PDF-")
        assert api.get(path.format(new_id())).status_code == 404
        assert (dispatcher.get(there).status_code, api.as_nobody().get(there).status_code) == (403, 401)
