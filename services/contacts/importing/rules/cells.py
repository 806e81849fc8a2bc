"""Cells as they are meant, whatever system wrote them."""

from __future__ import annotations

from unicodedata import category, normalize

from chassis.formulas import as_it_was


def clean_cell(cell: str) -> str:
    """Trim a cell, compose its letters, and drop the control characters that no table needs."""
    text = as_it_was(cell.strip())
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if c.isspace() and c != "\n" else c for c in text if c in "\n\t" or category(c) not in ("Cc", "Cs"))
    return normalize("NFC", "".join(kept)).strip("\ufeff \n")


def label_of(label: str) -> str:
    return label.removeprefix("* ").strip()[:50].lower()


_UNSAID = ("unspecified", "keine angabe", "not specified", "unknown")
_GENDERS = {
    "weiblich": "female", "femme": "female", "féminin": "female", "mujer": "female", "femenino": "female",
    "femminile": "female", "männlich": "male", "homme": "male", "masculin": "male", "hombre": "male",
    "masculino": "male", "maschile": "male",
}  # fmt: skip


def gender_of(cell: str) -> str:
    """A gender as the house writes it, as far as its word is known; nothing where the file says that it is not told."""
    word = cell.casefold()
    return "" if word in _UNSAID else _GENDERS.get(word, cell)
