"""How an upload becomes a photo, and how a link to it is told from a guess."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import io
import struct
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LARGEST_SIDE = 1024
MOST_PIXELS = 60_000_000
"""A picture is refused by the size that its header tells, before anything is unpacked."""
LIVES = dt.timedelta(minutes=30)
_FORM = struct.Struct(">16sQI")
_SEAL = 16


class NoPhoto(ValueError):
    """An upload that is no photo; the message says why, for the one who sent it."""


class Portrait(NamedTuple):
    jpeg: bytes
    width: int
    height: int


def portrait_of(upload: bytes) -> Portrait:
    """Read what was sent by its content, turn it upright, make it small, and leave out all but the picture."""
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise NoPhoto(f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels.")
            image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))  # a JPEG is unpacked no larger than needed
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            shown = upright.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise NoPhoto("This is no picture in JPEG, PNG, WebP or GIF.") from None
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as problem:
        if isinstance(problem, NoPhoto):
            raise
        raise NoPhoto("The picture is damaged.") from None
    plain = Image.new("RGB", shown.size, "white")
    plain.paste(shown, mask=shown.getchannel("A"))
    made = io.BytesIO()
    plain.save(made, "JPEG", quality=85, optimize=True)
    return Portrait(made.getvalue(), *plain.size)


def link_until(now: dt.datetime) -> dt.datetime:
    """When a link given out now ends: alike for a quarter of an hour, so that a browser need not load it twice."""
    quarter = int(LIVES.total_seconds()) // 2
    return dt.datetime.fromtimestamp((int(now.timestamp()) // quarter + 2) * quarter, dt.UTC)


def link_token(secret: str, contact_id: str, version: int, until: dt.datetime) -> str:
    """What opens this very photo, sealed, until then."""
    told = _FORM.pack(UUID(contact_id).bytes, version, int(until.timestamp()))
    return base64.urlsafe_b64encode(told + _seal(secret, told)).decode().rstrip("=")


def opened_by(secrets: Sequence[str], token: str, now: dt.datetime) -> tuple[str, int] | None:
    """The contact and the version that a token opens, sealed with one of these; None for a forged or an old one."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        contact, version, until = _FORM.unpack(raw[: _FORM.size])
    except (ValueError, struct.error):
        return None
    genuine = (hmac.compare_digest(raw[_FORM.size :], _seal(secret, raw[: _FORM.size])) for secret in secrets)
    if not any(genuine) or until < now.timestamp():
        return None
    return str(UUID(bytes=contact)), version


def _seal(secret: str, told: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"photo" + told, "sha256")[:_SEAL]
