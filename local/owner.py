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
from local.secrets import write_secret

EMAIL = "owner@example.org"


@dataclass(frozen=True)
class SignIn:
    """Who the owner is, and the password where it is known: only while it is new."""

    email: str
    password: str | None
    sentence: str


def let_the_owner_in(folder: Path, env: Mapping[str, str]) -> SignIn:
    """Have an owner. Only the hash of a made password is kept, so the password is told at the first start only."""
    remembered = folder / "owner.json"
    known = json.loads(remembered.read_text())["email"] if remembered.exists() else None
    email = os.environ.get("RAPPORT_OWNER_EMAIL") or known or EMAIL
    password = os.environ.get("RAPPORT_OWNER_PASSWORD")
    if not password and known == email:
        return SignIn(email, None, f"{email}, with the password that the first start showed (lost? {_SET_ANEW})")
    made = password or secrets.token_urlsafe(12)
    ensure_owner(env, email, made)
    write_secret(remembered, json.dumps({"email": email}))
    if password:
        return SignIn(email, password, f"{email}, with the password in RAPPORT_OWNER_PASSWORD")
    return SignIn(email, made, f"{email} / {made} (shown this once)")


_SET_ANEW = "RAPPORT_OWNER_PASSWORD sets another"


def ensure_owner(env: Mapping[str, str], email: str, password: str) -> None:
    """Ask contacts to have that owner, in the launcher's name."""
    calls = Calls(env["RAPPORT_AMQP_URI"])
    token = sign(env["RAPPORT_SECRET"], id="service:launcher", role="service", name="launcher")
    try:
        calls.ask(team.ensure_owner, {"email": email, "password": password}, Context(token=token))
    finally:
        calls.close()
