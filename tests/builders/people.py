"""People to test with: everybody has an e-mail address of their own, and a lead has an assignee."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any

from faker import Faker

from contracts.contacts import people, team

Ask = Callable[..., Any]

_numbers = itertools.count(1)
_faker = Faker(["en_GB", "de_DE", "pl_PL"])


def an_email() -> dict[str, Any]:
    """An address that no other contact of this run has."""
    return {"value": f"Someone{next(_numbers)}.{os.getpid()}@Example.com", "label": "home"}


def a_phone() -> dict[str, Any]:
    """A British mobile that no other contact of this run has, typed as at home."""
    number = f"{os.getpid() % 1000:03d}{next(_numbers) % 1000:03d}"
    return {"value": f"07{700 + next(_numbers) % 200} {number}", "label": "mobile"}


def a_person(**given: Any) -> dict[str, Any]:
    """What is typed in for a person; `emails=[]` for one without."""
    return {"first_name": _faker.first_name(), "last_name": _faker.last_name(), "emails": [an_email()], **given}


def a_lead(ask: Ask, **given: Any) -> dict[str, Any]:
    """A lead entered by hand, looked after by the owner, who types."""
    assignee = given.pop("assigned_to", None) or ask(team.get_me)["id"]
    return ask(people.create_contact, **a_person(enter_as="lead", assigned_to=assignee, **given))


def a_colleague(ask: Ask, **given: Any) -> dict[str, Any]:
    """Somebody else who works here."""
    account = {"name": _faker.name(), "role": "sales", "password": "a long password", "email": an_email()["value"]}
    return ask(team.add_team_member, **(account | given))
