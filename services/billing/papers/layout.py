"""How an invoice or a credit note looks on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.paper import bound, escaped, styles
from services.billing.papers.rules import Paper

_WHOLE, _AMOUNT, _COUNT = 166, 32, 20
"""Widths in mm: of the page, of a column of amounts, and of one of quantities."""


def draw(paper: Paper) -> bytes:
    """Make the PDF; takes CPU time."""
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Spacer

    looks = styles()
    story = [
        Paragraph(escaped(paper.seller), looks["sender"]),
        Spacer(1, 8 * mm),
        Paragraph(escaped(paper.contact), looks["text"]),
        Spacer(1, 6 * mm),
        Paragraph(escaped(paper.title), looks["title"]),
        *(Paragraph(f"{escaped(label)}: {escaped(value)}", looks["fact"]) for label, value in paper.facts),
        Spacer(1, 6 * mm),
        _items(paper, looks),
        Spacer(1, 4 * mm),
        _sums(paper.sums, looks),
    ]
    return bound(story, title=paper.title, author=paper.business, subject=f"{paper.title} · {paper.id}")


def _items(paper: Paper, looks: dict[str, Any]) -> Any:
    """What it is about, the words to the left and whatever is counted to the right; the header on each page."""
    counted = {"Quantity": _COUNT}
    widths = [counted.get(name, _AMOUNT) for name in paper.columns[1:]]
    rows = [_row(row, looks, "fact", "amount") for row in (paper.columns, *paper.lines)]
    return _table(rows, [_WHOLE - sum(widths), *widths], repeatRows=1)


def _sums(sums: Sequence[tuple[str, str]], looks: dict[str, Any]) -> Any:
    """Net, taxes and total below the amounts that they are of; the total stands out."""
    *parts, whole = sums
    rows = [_row(("", *row), looks, "amount", "amount") for row in parts]
    rows.append(_row(("", *whole), looks, "sum", "sum"))
    return _table(rows, [_WHOLE - 3 * _AMOUNT, 2 * _AMOUNT, _AMOUNT], ruled_from=1)


def _row(cells: Sequence[str], looks: dict[str, Any], first: str, rest: str) -> list[Any]:
    from reportlab.platypus import Paragraph

    return [Paragraph(escaped(cell), looks[rest if n else first]) for n, cell in enumerate(cells)]


def _table(rows: list[list[Any]], widths: Sequence[int], *, ruled_from: int = 0, **more: Any) -> Any:
    from reportlab.lib import colors
    from reportlab.lib.units import mm
    from reportlab.platypus import Table

    line = ("LINEBELOW", (ruled_from, 0), (-1, -1), 0.25, colors.HexColor("#bbbbbb"))
    look = [line, ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(rows, colWidths=[width * mm for width in widths], style=look, **more)
