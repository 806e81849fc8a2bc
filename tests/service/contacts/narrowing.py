"""Things that differ, entered by the door, and for each filter of a list which of them it should find."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import (
    companies,
    consent,
    credits,
    external_ids,
    history,
    notes,
    people,
    referrals,
    relations,
    timeline,
)
from contracts.contacts.team import get_me
from services.contacts.credits.model import CreditEntry, CreditPack
from services.contacts.referrals.model import Referral
from tests.builders.people import a_lead, an_email
from tests.builders.sessions import a_guest, soon
from tests.builders.waiting import eventually

Case = tuple[Any, dict[str, Any], dict[str, Any], set[Any], set[Any]]
"""A list, what is always asked, what it is narrowed by, the things of the test's own, and those to be found."""


class Narrowing:
    """Enters things, part by part; `cases` are the filters of lists, `afterwards` what is put back in the end."""

    def __init__(self, house: Any) -> None:
        self.house, self.ask, self.word = house, house.ask, uuid.uuid4().hex[:10]
        self.me = self.ask(get_me)["id"]
        self.cases: list[Case] = []
        self.afterwards: list[Callable[[], Any]] = []

    def of(self, rpc: Any, base: dict[str, Any], own: set[Any], *found: tuple[dict[str, Any], set[Any]]) -> None:
        self.cases += [(rpc, base, narrowed, own, wanted) for narrowed, wanted in found]

    def insert(self, model: Any, *rows: dict[str, Any]) -> None:
        """What nobody can enter by hand."""
        with self.house.database("contacts").begin() as connection:
            connection.execute(sa.insert(model.__table__), list(rows))

    def things_of_a_contact(self) -> None:
        ask, ada, bo = self.ask, a_guest(self.ask), a_guest(self.ask)
        of_ada = {"contact_id": ada}
        plain, pinned = (ask(notes.add_note, **of_ada, text="x", pinned=pin)["id"] for pin in (False, True))
        theirs = ask(notes.add_note, **of_ada, text="x", actor="sales")
        self.of(
            notes.list_notes, of_ada, {plain, pinned, theirs["id"]}, ({"pinned": True}, {pinned}),
            ({"pinned": False}, {plain, theirs["id"]}), ({"author_id": theirs["author"]["id"]}, {theirs["id"]}),
        )  # fmt: skip
        ids = {(who, of): f"{self.word}-{who == ada}-{of}" for who in (ada, bo) for of in ("crm", "till")}
        for (who, of), value in ids.items():
            ask(external_ids.add_external_id, contact_id=who, system=of, value=value)
        own = set(ids.values())
        self.of(
            external_ids.list_external_ids, of_ada, own, ({"system": "CRM"}, {ids[ada, "crm"]}),
            ({"value": ids[ada, "till"]}, {ids[ada, "till"]}), ({"value": ids[bo, "till"]}, set()),
            ({"contact_id": bo}, {ids[bo, "crm"], ids[bo, "till"]}),
        )  # fmt: skip
        friend, family = (
            ask(relations.add_relation, **of_ada, related_id=bo, kind=kind)["id"] for kind in ("friend", "family")
        )
        cy = a_lead(ask)["id"]
        partner = ask(relations.add_relation, **of_ada, related_id=cy, kind="partner")["id"]
        self.of(
            relations.list_relations, of_ada, {friend, family, partner}, ({"kind": "friend"}, {friend}),
            ({"related_id": cy}, {partner}), ({"related_id": bo}, {friend, family}),
        )  # fmt: skip
        said = {"how": "spoken", "when": soon(days=-1)}
        wishes = {"email": {"marketing": True, "reminders": False}, "sms": {"marketing": False}}
        ask(consent.change_preferences, **of_ada, channels=wishes, consent=said)
        lines = {(one["channel"], one["about"]): one["id"] for one in ask(consent.list_consents, **of_ada)["items"]}
        email = {id for (channel, _), id in lines.items() if channel == "email"}
        self.of(
            consent.list_consents, of_ada, set(lines.values()), ({"channel": "email"}, email),
            ({"about": "reminders"}, {lines["email", "reminders"]}),
        )  # fmt: skip
        firm = ask(people.create_contact, kind="company", enter_as="customer", name=self.word, emails=[an_email()])
        terms = {"company_id": firm["id"], "title": "then", "since": "2010-01-01", "until": "2012-01-01"}
        then = ask(companies.add_company_of_person, **of_ada, **terms)["id"]
        now = ask(companies.add_company_of_person, **of_ada, company_id=firm["id"], title="now")["id"]
        for rpc, base in (
            (companies.list_companies_of_person, of_ada), (companies.list_people_of_company, {"company_id": firm["id"]})
        ):  # fmt: skip
            self.of(rpc, base, {now, then}, ({"current": True}, {now}), ({"current": False}, {then}))
        told = eventually(lambda: (all_ := ask(timeline.get_timeline, **of_ada)["items"])[10:] and all_)
        of_notes = {entry["id"] for entry in told if entry["type"] == "note.added"}
        created = {entry["id"] for entry in told if entry["type"] == "contact.created"}
        since = {entry["id"] for entry in told if entry["happened_at"] >= told[2]["happened_at"]}
        all_ids = {entry["id"] for entry in told}
        self.of(
            timeline.get_timeline, of_ada, all_ids, ({"type": "note"}, of_notes),
            ({"type": "contact.created"}, created), ({"late": True}, set()), ({"since": told[2]["happened_at"]}, since),
            ({"until": told[2]["happened_at"]}, all_ids - since),
        )  # fmt: skip

    def who_was_brought_along(self) -> None:
        ask, host = self.ask, a_guest(self.ask)
        brought = [(a_lead(ask)["id"], via, state) for via, state in (("referral", "lead"), ("buddy_pass", "customer"))]
        open_, closed = (ask(referrals.make_buddy_pass, contact_id=host)["id"] for _ in range(2))
        ask(referrals.change_buddy_pass, buddy_pass_id=closed, withdrawn=True)
        rows = [
            {"id": new_id(), "contact_id": host, "referred_id": who, "via": via, "state": state, "state_version": 1,
             "referred_at": soon(), "buddy_pass_id": open_ if via == "buddy_pass" else None}
            for who, via, state in brought
        ]  # fmt: skip
        self.insert(Referral, *rows)
        one, other = (row["id"] for row in rows)
        self.of(
            referrals.list_referrals, {"contact_id": host}, {one, other}, ({"via": "referral"}, {one}),
            ({"state": "customer"}, {other}), ({"buddy_pass_id": open_}, {other}), ({"buddy_pass_id": closed}, set()),
        )  # fmt: skip
        self.of(
            referrals.list_buddy_passes, {"contact_id": host}, {open_, closed}, ({"open": True}, {open_}),
            ({"open": False}, {closed}),
        )  # fmt: skip
        left, used = (
            {"id": new_id(), "contact_id": host, "name": "Ten", "credits": 1, "left": left, "granted_at": soon(),
             "paid_position": 1} for left in (1, 0)
        )  # fmt: skip
        self.insert(CreditPack, left, used)
        self.of(
            credits.list_credits, {"contact_id": host}, {left["id"], used["id"]}, ({"open": True}, {left["id"]}),
            ({"open": False}, {used["id"]}),
        )  # fmt: skip
        begun, over = (
            {"id": new_id(), "contact_id": host, "kind": "course", "name": "Basics", "credits": 1, "left": left,
             "granted_at": soon(), "paid_position": 1} for left in (1, 0)
        )  # fmt: skip
        self.insert(CreditPack, begun, over)
        self.of(
            history.list_courses, {"contact_id": host}, {begun["id"], over["id"]}, ({"open": True}, {begun["id"]}),
            ({"open": False}, {over["id"]}),
        )  # fmt: skip
        lines = [
            {"id": new_id(), "pack_id": pack["id"], "contact_id": host, "kind": kind, "credits": by, "left": 1 - n,
             "at": soon()} for pack in (left, used) for n, (kind, by) in enumerate([("granted", 1), ("used", -1)])
        ]  # fmt: skip
        self.insert(CreditEntry, *lines)
        told, spent = ({line["id"] for line in lines if line[name] == value} for name, value in
                       (("pack_id", left["id"]), ("kind", "used")))  # fmt: skip
        self.of(
            credits.list_credit_entries, {"contact_id": host}, {line["id"] for line in lines},
            ({"pack_id": left["id"]}, told), ({"kind": "used"}, spent),
        )  # fmt: skip
