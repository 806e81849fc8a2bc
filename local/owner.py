"""The first account: as the environment says, or made once with a password that is shown once."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.actor import sign
from chassis.calls import Calls, Context
from contracts.contacts import team
from contracts.errors import Invalid
from local import Trouble
from local.secrets import write_secret

EMAIL = "owner@example.org"


@dataclass(frozen=True)
class Owner:
    """Who the owner is, and how to tell the person at the terminal to sign in."""

    id: str
    email: str
    sentence: str


def let_the_owner_in(folder: Path, env: Mapping[str, str]) -> Owner:
    """Have an owner. Only the hash of a made password is kept, so the password is told at the first start only."""
    remembered = folder / "owner.json"
    known = json.loads(remembered.read_text()) if remembered.exists() else {}
    email = os.environ.get("RAPPORT_OWNER_EMAIL") or known.get("email", EMAIL)
    password = os.environ.get("RAPPORT_OWNER_PASSWORD")
    if not password and known.get("email") == email:
        lost = "lost? start with RAPPORT_OWNER_PASSWORD=…"
        return Owner(known["id"], email, f"{email}, with the password that the first start showed ({lost})")
    made = password or secrets.token_urlsafe(12)
    owner = Owner(
        ensure_owner(env, email, made),
        email,
        f"{email}, with the password in RAPPORT_OWNER_PASSWORD" if password else f"{email} / {made} (shown this once)",
    )
    write_secret(remembered, json.dumps({"id": owner.id, "email": email}))
    return owner


def ensure_owner(env: Mapping[str, str], email: str, password: str) -> str:
    """Ask contacts to have that owner, in the launcher's name; the id of the team member."""
    calls = Calls(env["RAPPORT_AMQP_URI"])
    token = sign(env["RAPPORT_SECRET"], id="service:launcher", role="service", name="launcher")
    try:
        answer = calls.ask(team.ensure_owner, {"email": email, "password": password}, Context(token=token))
    except Invalid as refusal:
        raise Trouble(f"the owner {email} was refused: {refusal.detail or refusal.errors}") from refusal
    finally:
        calls.close()
    return str(answer["team_member"]["id"])
