"""Reading what was given as a signature: by its content, never by what it says that it is."""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import dataclass

from marshmallow import ValidationError
from PIL import Image

from contracts.errors import Invalid
from contracts.language import Text

DRAWING = "data:image/png;base64,"
WIDEST, HIGHEST = 2000, 1000
_TYPED = Text(min=1, max=200)


@dataclass(frozen=True)
class Mark:
    """A signature as it is kept: a line of text, or a PNG that we made ourselves of what was drawn."""

    typed: str | None = None
    drawn: bytes | None = None


def read_mark(signature: str) -> Mark:
    """Tell a drawing from typed text; what is neither is Invalid. Takes CPU time."""
    if signature.startswith("data:"):
        return Mark(drawn=_redraw(_decoded(signature)))
    try:
        return Mark(typed=_TYPED.deserialize(signature))
    except ValidationError as error:
        raise Invalid("The signature cannot be read.", [_fault(str(text)) for text in error.messages]) from None


def one_line(text: str | None, longest: int = 500) -> str | None:
    """What a client says of itself, cut and cleaned, to be kept as evidence."""
    shown = "".join(c if c.isprintable() else " " for c in text or "").strip()
    return shown[:longest] or None


def _decoded(url: str) -> bytes:
    if not url.startswith(DRAWING):
        raise Invalid("The signature cannot be read.", [_fault(f"A drawing begins with {DRAWING}")])
    try:
        return base64.b64decode(url[len(DRAWING) :], validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("The signature cannot be read.", [_fault("This is not base64.")]) from None


def _redraw(data: bytes) -> bytes:
    """Draw it anew, black ink on white, so that nothing but the picture survives."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.width > WIDEST or image.height > HIGHEST:
                raise Invalid("The signature is too large.", [_fault(f"At most {WIDEST} by {HIGHEST} pixels.")])
            ink = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Invalid("The signature cannot be read.", [_fault("This is not a PNG image.")]) from None
    paper = Image.new("RGBA", ink.size, "white")
    grey = Image.alpha_composite(paper, ink).convert("L")
    darkest, lightest = grey.getextrema()
    if lightest - darkest < 32:  # type: ignore[operator]
        raise Invalid("Nothing was drawn.", [_fault("The drawing is empty.")])
    out = io.BytesIO()
    grey.save(out, "PNG", optimize=True)
    return out.getvalue()


def _fault(detail: str) -> dict[str, str]:
    return {"pointer": "/signature", "detail": detail}
