"""How a signed agreement looks on paper. The same evidence gives the same bytes, whenever it is drawn."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from chassis.paper import bound, escaped, styles


@dataclass(frozen=True)
class Evidence:
    """All that a signed PDF says."""

    agreement_id: str
    title: str
    text: str
    content_hash: str
    contact_name: str
    business_name: str
    zone: str
    signed_name: str
    signed_at: dt.datetime
    typed: str | None
    drawn: bytes | None
    from_address: str | None
    user_agent: str | None


def draw(evidence: Evidence) -> bytes:
    """Make the PDF, without its seal; takes CPU time."""
    looks = styles()
    return bound(
        [*_words(evidence, looks), *_signature(evidence, looks)],
        title=evidence.title,
        author=evidence.business_name,
        subject=f"Agreement {evidence.agreement_id}",
    )


def paragraphs_of(text: str) -> list[tuple[str, str]]:
    """Split a text at blank lines into `("heading" or "text", words)`; a line that begins with `#` is a heading."""
    found: list[tuple[str, str]] = []
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        heading = line.startswith("#") and line.lstrip("#").startswith(" ")
        if heading or not line.strip():
            if lines:
                found.append(("text", "\n".join(lines)))
            lines = []
        if heading:
            found.append(("heading", line.lstrip("#").strip()))
        elif line.strip():
            lines.append(line)
    return found


def _words(evidence: Evidence, styles: dict[str, Any]) -> list[Any]:
    from reportlab.lib.units import mm
    from reportlab.platypus import CondPageBreak, Paragraph

    head = [
        Paragraph(escaped(evidence.business_name), styles["small"]),
        Paragraph(escaped(evidence.title), styles["title"]),
    ]
    body: list[Any] = []
    for kind, words in paragraphs_of(evidence.text):
        if kind == "heading":
            body.append(CondPageBreak(25 * mm))  # no heading at the foot of a page
        body.append(Paragraph(escaped(words), styles[kind]))
    return head + body


def _signature(evidence: Evidence, styles: dict[str, Any]) -> list[Any]:
    """The signature and its evidence, never torn apart by the end of a page."""
    from reportlab.lib import colors
    from reportlab.lib.units import mm
    from reportlab.platypus import HRFlowable, KeepTogether, Paragraph, Spacer, Table

    rows = [
        [Paragraph(label, styles["small"]), Paragraph(escaped(value), styles["fact"])]
        for label, value in _facts(evidence)
    ]
    table = Table(rows, colWidths=[32 * mm, 134 * mm], style=[("VALIGN", (0, 0), (-1, -1), "TOP")])
    rule = HRFlowable(width="100%", thickness=0.5, color=colors.HexColor("#888888"))
    mark = _mark(evidence, styles)
    return [KeepTogether([Spacer(1, 8 * mm), Paragraph("Signature", styles["heading"]), mark, rule, table])]


def _mark(evidence: Evidence, styles: dict[str, Any]) -> Any:
    from reportlab.lib.units import mm
    from reportlab.platypus import Image, Paragraph

    if evidence.drawn is None:
        return Paragraph(escaped(evidence.typed or evidence.signed_name), styles["typed"])
    image = Image(io.BytesIO(evidence.drawn), hAlign="LEFT")
    scale = min(80 * mm / image.imageWidth, 30 * mm / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    return image


def _facts(evidence: Evidence) -> list[tuple[str, str]]:
    """What is known of the signing, each with its label."""
    at = evidence.signed_at.astimezone(dt.UTC)
    there = at.astimezone(ZoneInfo(evidence.zone))
    when = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    if evidence.zone != "UTC":
        when += f" ({there:%Y-%m-%d %H:%M:%S %z}, {evidence.zone})"
    return [
        ("Signed by", evidence.signed_name),
        ("Made out to", evidence.contact_name),
        ("Signed at", when),
        ("How", "typed on the signing link" if evidence.drawn is None else "drawn on the signing link"),
        ("From", evidence.from_address or "not known"),
        ("With", evidence.user_agent or "not known"),
        ("Agreement", evidence.agreement_id),
        ("SHA-256 of the words", evidence.content_hash),
    ]
