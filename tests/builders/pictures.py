"""Pictures as people upload them."""

from __future__ import annotations

import io

from PIL import Image


def a_picture(form: str = "JPEG", *, size: tuple[int, int] = (1600, 800), turned: bool = False) -> bytes:
    """Red on the left, blue on the right; `turned`: as a phone held upright writes it, with where it was taken."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6  # to be turned by a quarter
        exif[0x010F] = "SecretPhone"
    made = io.BytesIO()
    image.save(made, form, **({"exif": exif} if turned else {}))
    return made.getvalue()
