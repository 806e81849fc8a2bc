"""Cells that a spreadsheet would run."""

from __future__ import annotations

_RUN = ("=", "+", "-", "@", "\t", "\r")


def defused(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection)."""
    return "'" + cell if cell.startswith(_RUN) else cell


def as_it_was(cell: str) -> str:
    """Take that apostrophe away again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RUN) else cell
