"""Contacts found by what somebody remembers of them, in pages."""

from __future__ import annotations

import re
from typing import Any

from chassis.pages import page_of
from services.contacts.card.queries.reading import select_cards, shown
from services.contacts.contact.model import Contact
from services.contacts.contact.rules import fold

_LIKE_A_NUMBER = re.compile(r"[\s+\-()/.\d]*\d[\s+\-()/.\d]*\Z")
_card: Any = Contact.__table__.c
_ORDERS = {"newest": (_card.id.desc(),), "name": (_card.sort_name, _card.id)}


def list_contacts(work: Any, request: Any) -> dict[str, Any]:
    """Answer a page of cards; every word of `q` must be found somewhere on the card."""
    statement = select_cards().where(_card.standing == request.standing)
    for pattern in patterns(request.q or ""):
        statement = statement.where(_card.search.like(pattern, escape="\\"))
    if request.lifecycle:
        statement = statement.where(_card.lifecycle == request.lifecycle)
    if request.assigned_to:
        statement = statement.where(_card.assigned_to == request.assigned_to)
    page = page_of(work, statement, _ORDERS[request.sort], request)
    return page | {"items": [shown(row) for row in page["items"]]}


def patterns(q: str) -> list[str]:
    """What to look for in the folded text: the digits of a number as dialled, or each word of anything else.

    One or two letters are looked for where a word begins, which the trigram index can still answer.
    """
    if _LIKE_A_NUMBER.match(q):
        words = [_dialled(q)]
    else:
        words = fold(q).split()
    return [f"%{'' if len(word) > 2 else ' '}{_literally(word)}%" for word in words]


def _dialled(number: str) -> str:
    """The digits of a number as typed: `00` abroad and a trunk zero in brackets fall away."""
    digits = re.sub(
        r"\D", "", number.replace("(0)", "") if "+" in number or number.strip().startswith("00") else number
    )
    return digits.removeprefix("00")


def _literally(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)
