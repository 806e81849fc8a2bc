"""How a code is read."""

from __future__ import annotations

from unicodedata import normalize


def folded(code: str) -> str:
    """A code without what does not matter of it: capitals, spaces, and the width of letters."""
    return "".join(normalize("NFKC", normalize("NFKC", code).casefold()).split())
