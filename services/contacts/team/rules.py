"""Passwords, refresh tokens, API keys, and who may make whom what."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email

from contracts.contacts.api_keys import PREFIX
from contracts.errors import Forbidden, Invalid, NotSignedIn

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


def new_token(session_id: str) -> tuple[str, str]:
    """A session's first refresh token, and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    return f"{session_id}.{secret}", token_hash(secret)


def next_token(session_id: str, secret: str, house_secret: str) -> tuple[str, str]:
    """The token that follows this one, and what is kept of it; made of it, so that asked again it is the same."""
    digest = hmac.digest(house_secret.encode(), f"refresh {session_id} {secret}".encode(), "sha256")
    following = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"{session_id}.{following}", token_hash(following)


def token_hash(secret: str) -> str:
    """SHA-256 is enough: the secret is random, not chosen by a person."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_token(given_hash: str, kept_hash: str) -> bool:
    """Whether a hash is the one that was kept; takes as long for a wrong one."""
    return hmac.compare_digest(given_hash.encode(), kept_hash.encode())


def new_api_key(key_id: str) -> tuple[str, str]:
    """A key for another system, and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    return f"{PREFIX}{UUID(key_id).hex}_{secret}", token_hash(secret)


def refuse_above_oneself(actor_role: str | None, *roles: str | None) -> None:
    """Only an owner makes an owner, or changes one; the services act for the launcher."""
    if "owner" in roles and actor_role not in ("owner", "service"):
        raise Forbidden("Only an owner may make or change an owner.")


def session_of(token: str) -> tuple[str, str]:
    """The session's id and the secret that a refresh token is made of; refuses what cannot be one."""
    session_id, _, secret = token.partition(".")
    try:
        return str(UUID(session_id)), secret
    except ValueError:
        raise NotSignedIn("This session is over; sign in again.") from None
