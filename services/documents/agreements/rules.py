"""States, hashes and tokens of agreements."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

WAITING = ("sent", "viewed")


def state_at(state: str, expires_at: dt.datetime | None, now: dt.datetime) -> str:
    """What waits for a signature past its time is expired."""
    overdue = state in WAITING and expires_at is not None and expires_at <= now
    return "expired" if overdue else state


def content_hash(title: str, text: str) -> str:
    """SHA-256, in hex, of the UTF-8 of title, two line feeds, text."""
    return hashlib.sha256(f"{title}\n\n{text}".encode()).hexdigest()


def token_of(agreement_id: str, link: int, secret: str) -> str:
    """The token of an agreement's nth link: 256 bits that nobody can make without RAPPORT_SECRET, fit for a URL.

    It is made again, not read, when the call that opened the link is repeated.
    """
    digest = hmac.digest(secret.encode(), f"signing link {link} of {agreement_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of_key(actor_id: str | None, key: str) -> bytes:
    """What is kept of the idempotency key of one actor."""
    return hashlib.sha256(f"{actor_id}\0{key}".encode("utf-8", "surrogatepass")).digest()


def hash_of_token(token: str) -> bytes:
    """What is kept of a token. It is long and random: a plain SHA-256 cannot be guessed backwards."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
