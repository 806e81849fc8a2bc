"""When two names of a system are the same."""

from __future__ import annotations

import unicodedata


def system_key(name: str) -> str:
    """Letter case and repeated spaces do not make another system."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
