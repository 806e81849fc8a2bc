"""What happened in the demo studio so far."""

from __future__ import annotations

import datetime as dt
from typing import Any

from local import CHECKOUT
from local.demo.client import Client

EXPORT = CHECKOUT / "local" / "demo" / "clients.csv"
"""People of its own: whoever tries an import of the samples finds none of them here already."""

LEADS: list[dict[str, Any]] = [
    {"first_name": "Maja", "last_name": "Kovačič", "source": "Walk-in", "email": "maja.kovacic@example.org",
     "phone": "+386 40 123 456", "tag": "early bird", "note": "Wants to train before work. Asked about the sauna."},
    {"first_name": "Tom", "last_name": "Ashworth", "source": "Instagram", "email": "tom.ashworth@example.com",
     "phone": "07700 900321", "tag": "running", "note": "Half marathon in spring."},
    {"first_name": "Inès", "last_name": "Carpentier", "source": "Friend", "email": "ines.carpentier@example.net",
     "phone": "+33 6 11 22 33 44", "tag": "yoga", "note": "Comes with her sister, perhaps a shared membership."},
    {"first_name": "Björn", "last_name": "Åkesson", "source": "Website", "email": "bjorn.akesson@example.org",
     "phone": "+46 70 123 45 67", "tag": "climbing", "note": "Pays by transfer only."},
    {"first_name": "Rosa", "last_name": "Delgado", "source": "Website", "email": "rosa.delgado@example.com",
     "phone": "+34 612 000 111", "tag": "yoga", "note": "Will decide after the holidays."},
]  # fmt: skip


def tell(client: Client, currency: str) -> str:
    """Make it all, and say what was made."""
    say_who_sells(client)
    job = client.wait_for_job(client.upload("/imports", EXPORT)["id"])
    packages = make_packages(client, currency)
    waiver = client.get("/agreement-templates", kind="waiver")["items"][0]["id"]
    welcome = next(
        template["id"] for template in client.get("/message-templates")["items"] if template["name"] == "Welcome"
    )
    me = client.get("/me")["id"]
    maja, tom, ines, bjorn, rosa = (enter_lead(client, me, **lead) for lead in LEADS)
    stages = {stage["name"]: stage["id"] for stage in client.get("/stages")["items"]}
    client.post(f"/leads/{rosa}/move", "rosa-later", stage_id=stages["Will buy later"])
    client.post(f"/leads/{tom}/move", "tom-follow-up", stage_id=stages["Follow-up"])
    client.post(f"/contacts/{maja}/messages", "maja-welcome", channel="email", template_id=welcome)
    order(client, tom, "tom", packages["Trial week"])
    sell(client, maja, "maja", packages["Gold"], "cash")
    sell(client, ines, "ines", packages["Gold"], "card")
    sell(client, bjorn, "bjorn", packages["Ten classes"], "bank_transfer")
    sign(client, maja, "maja", "Maja Kovačič", waiver)
    client.post("/agreements", "ines-waiver", contact_id=ines, template_id=waiver)
    classes = make_classes(client, me, came=[maja], booked=[ines, maja], waiting=[rosa])
    counts = job.get("progress") or job
    return f"({counts.get('created', 0)} contacts imported, {len(LEADS)} leads on their way, {classes} classes planned)"


def say_who_sells(client: Client) -> None:
    """Give the studio what its papers and letters begin with, unless it has a name."""
    if not client.get("/settings")["business_name"]:
        address = "12 Harbour Road\nLondon E1 8AA"
        client.change(
            "/settings", business_name="Harbour Studio", business_address=address, tax_number="GB 999 9999 73"
        )


def make_packages(client: Client, currency: str) -> dict[str, str]:
    """What the studio sells, ids by name."""
    sold: list[dict[str, Any]] = [
        {"name": "Trial week", "kind": "trial", "price": 0, "description": "Seven days, every class."},
        {"name": "Gold", "kind": "membership", "price": 4900, "cycle": {"unit": "month", "count": 1}},
        {"name": "Ten classes", "kind": "credit_pack", "price": 11000, "included_sessions": 10},
    ]
    ids = {}
    for package in sold:
        told = package | {"price": {"amount": package["price"], "currency": currency}}
        ids[package["name"]] = client.post("/packages", f"package {package['name']}", **told)["id"]
    return ids


def make_classes(client: Client, host: str, *, came: list[str], booked: list[str], waiting: list[str]) -> int:
    """One class that was, with who came; one that is full, with who waits; one that is free. How many there are."""
    was = plan(client, "Strength basics", days=-1, hour=17, places=12, host=host)
    for contact in came:
        booking = book(client, was, contact, even_if_started=True)
        client.post(f"/bookings/{booking}/check-in", f"check-in {booking}")
    full = plan(client, "Morning yoga", days=1, hour=7, places=len(booked), host=host)
    for contact in [*booked, *waiting]:
        book(client, full, contact)
    plan(client, "Climbing for beginners", days=2, hour=18, places=8, host=host)
    return 3


def plan(client: Client, title: str, *, days: int, hour: int, places: int, host: str) -> str:
    """Plan a class of an hour on a day from today; the session's id."""
    day = dt.datetime.now(dt.UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + dt.timedelta(days=days)
    starts_at, ends_at = (moment.isoformat() for moment in (day, day + dt.timedelta(hours=1)))
    told = {"kind": "class", "title": title, "capacity": places, "host_id": host}
    made = client.post(
        "/scheduled-sessions", f"class {title} {starts_at}", starts_at=starts_at, ends_at=ends_at, **told
    )
    return str(made["id"])


def book(client: Client, session: str, contact: str, **how: Any) -> str:
    """Book a place, or a place in the line; the booking's id."""
    key = f"booking {session} {contact}"
    return str(client.post("/bookings", key, session_id=session, contact_id=contact, **how)["id"])


def enter_lead(client: Client, me: str, *, email: str, phone: str, tag: str, note: str, **names: str) -> str:
    """Enter a lead by hand, with a tag and a note; the contact's id."""
    contact = client.post(
        "/contacts",
        f"lead {email}",
        kind="person",
        enter_as="lead",
        assigned_to=me,
        emails=[{"value": email, "label": "home"}],
        phones=[{"value": phone, "label": "mobile"}],
        **names,
    )["id"]
    client.post(f"/contacts/{contact}/tags", f"tag {email}", tag=tag)
    client.post(f"/contacts/{contact}/notes", f"note {email}", text=note)
    return str(contact)


def order(client: Client, contact: str, who: str, package: str) -> str:
    """Order one package; the order's id."""
    made = client.post("/orders", f"order {who}", contact_id=contact, items=[{"package_id": package}])
    return str(made["id"])


def sell(client: Client, contact: str, who: str, package: str, method: str) -> None:
    """Order a package and pay for it; a card is kept on file for the next time, a bank transfer waits for approval."""
    bought = order(client, contact, who, package)
    if method == "card":
        client.post(f"/contacts/{contact}/cards", f"card {who}", payment_method="tok_visa")
    client.post(f"/orders/{bought}/payments", f"payment {who}", method=method)


def sign(client: Client, contact: str, who: str, name: str, template: str) -> None:
    """Send an agreement and sign it on its link, as the contact would."""
    sent = client.post("/agreements", f"agreement {who}", contact_id=contact, template_id=template)
    link = sent["sign_url"].rpartition("/")[2]
    client.post(f"/public/agreements/{link}", f"signature {who}", name=name, agreed=True)
