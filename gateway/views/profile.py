"""The profile: one contact as all five services know it, with whoever is missing named."""

from __future__ import annotations

from typing import Any

from flask import Response, g
from marshmallow import fields

from contracts.billing.accounts import Account, get_account
from contracts.contacts.bookings import Booking, list_contact_bookings
from contracts.contacts.emergency import EmergencyContact, list_emergency_contacts
from contracts.contacts.facts import Facts, get_facts
from contracts.contacts.notes import Note, list_notes
from contracts.contacts.people import Contact, ContactId, get_contact
from contracts.contacts.photos import Photo, get_photo
from contracts.contacts.referrals import Referrals, list_referrals
from contracts.contacts.relations import Relation, list_relations
from contracts.contacts.tags import Tag, list_tags
from contracts.contacts.timeline import TimelineEntry, get_timeline
from contracts.documents.agreements import UNSIGNED, AgreementInList, list_agreements
from contracts.errors import NotFound, Problem, Unavailable
from contracts.language import Rpc, Schema
from contracts.notifications.communications import Communication, list_communications
from contracts.pipeline.leads import Lead, get_lead
from gateway.asked import asked_by
from gateway.asking import ask_all
from gateway.routes.table import Route
from gateway.saying import json_response

PATIENCE = 1.5
"""Seconds that a service has to say its part."""
LATEST = 10


class Profile(Schema):
    """A part is null when its service is `missing` (it gave no answer in time) or `withheld` (the role may not)."""

    contact = fields.Nested(Contact, required=True, allow_none=True)
    facts = fields.Nested(
        Facts, required=True, allow_none=True,
        metadata={"description": "among them the membership and its expiry, the dues, and the last contact"},
    )  # fmt: skip
    tags = fields.List(fields.Nested(Tag), required=True, allow_none=True)
    photo = fields.Nested(Photo, required=True, allow_none=True)
    relations = fields.List(fields.Nested(Relation), required=True, allow_none=True)
    emergency_contacts = fields.List(fields.Nested(EmergencyContact), required=True, allow_none=True)
    referrals = fields.Nested(Referrals, required=True, allow_none=True)
    notes = fields.List(fields.Nested(Note), required=True, allow_none=True)
    bookings = fields.List(fields.Nested(Booking), required=True, allow_none=True)
    timeline = fields.List(fields.Nested(TimelineEntry), required=True, allow_none=True)
    lead = fields.Nested(Lead, required=True, allow_none=True)
    billing = fields.Nested(Account, required=True, allow_none=True)
    awaiting_signature = fields.List(fields.Nested(AgreementInList), required=True, allow_none=True)
    agreements = fields.List(fields.Nested(AgreementInList), required=True, allow_none=True)
    communications = fields.List(fields.Nested(Communication), required=True, allow_none=True)
    missing = fields.List(fields.String(), required=True)
    withheld = fields.List(fields.String(), required=True)


READ = Rpc(
    "house", "get_profile", needs=get_contact.needs, takes=ContactId, gives=Profile, raises=get_contact.raises,
    writes=False, about="One contact in one answer over all services; a service that is down is named, the rest comes.",
)  # fmt: skip

PARTS: dict[str, tuple[Rpc, dict[str, Any]]] = {
    "contact": (get_contact, {}),
    "facts": (get_facts, {}),
    "tags": (list_tags, {"limit": 200}),
    "photo": (get_photo, {}),
    "relations": (list_relations, {"limit": LATEST}),
    "emergency_contacts": (list_emergency_contacts, {"limit": LATEST}),
    "referrals": (list_referrals, {"limit": LATEST}),
    "notes": (list_notes, {"limit": LATEST}),
    "bookings": (list_contact_bookings, {"limit": LATEST, "state": "upcoming,waitlisted", "sort": "starts_at"}),
    "timeline": (get_timeline, {"limit": LATEST}),
    "lead": (get_lead, {}),
    "billing": (get_account, {}),
    "awaiting_signature": (list_agreements, {"limit": LATEST, "state": UNSIGNED}),
    "agreements": (list_agreements, {"limit": LATEST}),
    "communications": (list_communications, {"limit": LATEST}),
}


def read(route: Route, path: dict[str, str]) -> Response:
    question = asked_by(route, path)
    allowed = {name: (rpc, question | more) for name, (rpc, more) in PARTS.items() if g.actor.may(rpc.needs)}
    answers = dict(zip(allowed, ask_all(list(allowed.values()), seconds=PATIENCE), strict=True))
    response = json_response(brought_together(answers))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def brought_together(answers: dict[str, Any]) -> dict[str, Any]:
    """Only contacts can refuse the whole, of whom it knows nothing; when it says nothing at all, the rest comes."""
    contact = answers["contact"]
    if isinstance(contact, Problem) and not isinstance(contact, Unavailable):
        raise contact
    profile = {name: _part(answers.get(name)) for name in PARTS}
    failed = {name for name, answer in answers.items() if isinstance(answer, Problem) and not _is_nothing(answer)}
    missing = {PARTS[name][0].service for name in failed}
    withheld = {rpc.service for name, (rpc, _) in PARTS.items() if name not in answers}
    return {**profile, "missing": sorted(missing), "withheld": sorted(withheld)}


def _is_nothing(problem: Problem) -> bool:
    """Whether it only says that there is nothing to tell: a customer who never was a lead has none."""
    return isinstance(problem, NotFound)


def _part(answer: Any) -> Any:
    if answer is None or isinstance(answer, Problem):
        return None
    return answer["items"] if set(answer) == {"items", "next"} else answer
