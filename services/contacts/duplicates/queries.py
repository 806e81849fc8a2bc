"""Looking for who might be the same."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from contracts.errors import Merged, NotFound
from services.contacts.addresses.model import Address
from services.contacts.card.queries.cards import cards_of
from services.contacts.card.queries.terms import terms_for
from services.contacts.card.rules import Card, read_card
from services.contacts.contact.model import Contact, NotTheSame
from services.contacts.contact.rules import fold
from services.contacts.duplicates.rules import SHOWN_FROM, likeness
from services.contacts.people.model import Email, Phone

MOST = 10
_EACH = 100
"""So many candidates at most for each thing in common: a hundred John Smiths are no evidence of anything."""
_ALIKE = 0.7
_contacts: Any = Contact.__table__
_STANDING = _contacts.c.standing.in_(("active", "archived"))
_TOLERANT = {"pg_trgm.word_similarity_threshold": _ALIKE}


def find_likely_duplicates(work: Any, request: Any) -> dict[str, Any]:
    """Who might be the one about to be entered."""
    card = read_card(request, **terms_for(work, [request]))
    return {"items": _likely(work, card, set(request.not_duplicate_of or ()))}


def list_likely_duplicates(work: Any, request: Any) -> dict[str, Any]:
    """Who might be the same as a contact who is there."""
    contact = work.session.get(Contact, request.contact_id)
    if contact is None:
        raise NotFound("There is no contact of this id.")
    if contact.merged_into:
        raise Merged("This contact lives on under another id.", survivor=contact.merged_into)
    others = {contact.id, *_told_apart(work, contact.id)}
    return {"items": _likely(work, cards_of(work, [contact])[contact.id].card, others)}


def _likely(work: Any, card: Card, others: Collection[str]) -> list[dict[str, Any]]:
    ids = [contact_id for contact_id in _candidates(work, card) if contact_id not in others]
    contacts = work.session.scalars(sa.select(Contact).where(Contact.id.in_(ids), _STANDING)).all()
    kept = cards_of(work, contacts)
    weighed = [(likeness(card, kept[contact.id].card), contact) for contact in contacts]
    shown = [(found, contact) for found, contact in weighed if found.score >= SHOWN_FROM]
    shown.sort(key=lambda pair: (-pair[0].score, pair[1].id))
    return [
        {
            **{name: getattr(contact, name) for name in ("id", "display_name", "kind", "standing", "birthday")},
            "emails": kept[contact.id].card.emails,
            "phones": kept[contact.id].card.phones,
            "score": found.score,
            "exact": found.exact and contact.standing == "active",
            "evidence": found.evidence,
        }
        for found, contact in shown[:MOST]
    ]


def _told_apart(work: Any, contact_id: str) -> set[str]:
    pairs = sa.select(NotTheSame.one, NotTheSame.other)
    known = work.session.execute(pairs.where(sa.or_(NotTheSame.one == contact_id, NotTheSame.other == contact_id)))
    return {contact for pair in known for contact in pair}


def _candidates(work: Any, card: Card) -> list[str]:
    """Whoever has something in common that an index knows: one statement."""
    in_common = [
        sa.select(Email.contact_id).where(Email.normalised.in_([email.normalised for email in card.emails])),
        sa.select(Phone.contact_id).where(Phone.value.in_([phone.value for phone in card.phones])),
        sa.select(_contacts.c.id).where(_STANDING, _contacts.c.sort_name == card.sort_name),
    ]
    if card.profile["birthday"]:
        in_common.append(sa.select(_contacts.c.id).where(_contacts.c.birthday == card.profile["birthday"]))
    if codes := [address.postal_code.lower() for address in card.addresses if address.postal_code]:
        coded = sa.and_(Address.postal_code != "", sa.func.lower(Address.postal_code).in_(codes))
        in_common.append(sa.select(Address.contact_id).where(coded))
    name = fold(card.display_name)
    if len(name) > 4 and "@" not in name:
        in_common.append(sa.select(_contacts.c.id).where(sa.literal(name).op("<%")(_contacts.c.search)))
    each = [statement.limit(_EACH).subquery().select() for statement in in_common]
    return list(work.session.scalars(sa.union(*each), execution_options={"locally": _TOLERANT}))
