"""Passwords, API keys, and who may make whom what."""

from __future__ import annotations

import secrets
import unicodedata
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email

from contracts.contacts.api_keys import PREFIX
from contracts.errors import Forbidden, Invalid
from services.contacts.tokens.rules import token_hash

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id as the OWASP cheat sheet has it: 19 MiB and some 20 ms each."""


def hash_password(password: str) -> str:
    """Takes tens of milliseconds of CPU: call it in a thread."""
    return _hasher.hash(password)


def is_password(password: str, password_hash: str) -> bool:
    """Takes tens of milliseconds of CPU, whatever the answer: call it in a thread."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


NOBODYS_HASH = hash_password(secrets.token_urlsafe())
"""Looked at when the address is unknown, so that the answer takes as long as for a known one."""


def address_key(email: str) -> str:
    """The form in which the addresses of accounts are compared."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def read_address(email: str) -> str:
    """Answer the address as typed; the team may live in a network of its own (`owner@localhost`)."""
    try:
        validate_email(email, check_deliverability=False, globally_deliverable=False, test_environment=True)
    except EmailNotValidError as problem:
        raise Invalid.field("/email", str(problem)) from None
    return email.strip()


def new_api_key(key_id: str) -> tuple[str, str]:
    """A key for another system, and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    return f"{PREFIX}{UUID(key_id).hex}_{secret}", token_hash(secret)


def refuse_above_oneself(actor_role: str | None, *roles: str | None) -> None:
    """Only an owner makes an owner, or changes one; the services act for the launcher."""
    if "owner" in roles and actor_role not in ("owner", "service"):
        raise Forbidden("Only an owner may make or change an owner.")
