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
