"""What a refresh token is made of, and what is kept of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from contracts.errors import NotSignedIn


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


def session_of(token: str) -> tuple[str, str]:
    """The session's id and the secret that a refresh token is made of; refuses what cannot be one."""
    session_id, _, secret = token.partition(".")
    try:
        return str(UUID(session_id)), secret
    except ValueError:
        raise over() from None


def over() -> NotSignedIn:
    return NotSignedIn("This session is over; sign in again.")
