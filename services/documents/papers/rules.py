"""What a PDF is called when it is handed out."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata


def file_name(title: str, signed_at: dt.datetime) -> str:
    """`liability-waiver-2026-11-22.pdf`: safe in a header and in a folder."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return f"{words or 'agreement'}-{signed_at:%Y-%m-%d}.pdf"
