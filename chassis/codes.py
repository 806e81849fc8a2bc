"""One-time codes that are made again, not kept: of an id, under the secret of the house."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

DIGITS = 6


def code_of(id: str, secret: str) -> str:
    """The digits that go with an id; worth nothing to who knows the id and not the secret."""
    digest = hmac.digest(secret.encode(), f"one-time code {id}".encode(), "sha256")
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}d}"


def is_code(given: str, id: str, secrets: Iterable[str]) -> bool:
    """Whether it goes with the id, under any of the secrets that are believed."""
    return any(hmac.compare_digest(given.encode(), code_of(id, secret).encode()) for secret in secrets)
