"""How an invoice or a credit note looks on paper."""

from __future__ import annotations

from typing import Any

from chassis.paper import bound, escaped, styles
from services.billing.papers.rules import Paper


def draw(paper: Paper) -> bytes:
    """Make the PDF; takes CPU time."""
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Spacer

    looks = styles()
    story = [
        Paragraph(escaped(paper.business), looks["small"]),
        Paragraph(escaped(paper.title), looks["title"]),
        Paragraph(escaped(paper.contact), looks["text"]),
        *(Paragraph(f"{escaped(label)}: {escaped(value)}", looks["fact"]) for label, value in paper.facts),
        Spacer(1, 6 * mm),
        _table([("Item", "Quantity", "Price", "Total"), *paper.lines], looks, widths=(86, 20, 30, 30)),
        Spacer(1, 4 * mm),
        _table([("", *row) for row in paper.sums], looks, widths=(86, 50, 30)),
    ]
    return bound(story, title=paper.title, author=paper.business, subject=f"{paper.title} · {paper.id}")


def _table(rows: list[tuple[str, ...]], looks: dict[str, Any], *, widths: tuple[int, ...]) -> Any:
    from reportlab.lib import colors
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Table

    cells = [[Paragraph(escaped(cell), looks["fact"]) for cell in row] for row in rows]
    line = ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#bbbbbb"))
    return Table(cells, colWidths=[width * mm for width in widths], style=[line, ("VALIGN", (0, 0), (-1, -1), "TOP")])
