"""How a signed agreement looks on paper. The same evidence gives the same bytes, whenever it is drawn.

Reportlab and its fonts are loaded at the first PDF, so that a process that makes none stays small.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any
from zoneinfo import ZoneInfo


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
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    styles = _styles()
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=20 * mm,
        bottomMargin=24 * mm,
        title=evidence.title,
        author=evidence.business_name,
        subject=f"Agreement {evidence.agreement_id}",
        creator="Rapport",
        lang="en",
        invariant=1,
    )
    document.build([*_words(evidence, styles), *_signature(evidence, styles)], canvasmaker=_numbered_pages(evidence))
    return out.getvalue()


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
        Paragraph(_escaped(evidence.business_name), styles["small"]),
        Paragraph(_escaped(evidence.title), styles["title"]),
    ]
    body: list[Any] = []
    for kind, words in paragraphs_of(evidence.text):
        if kind == "heading":
            body.append(CondPageBreak(25 * mm))  # no heading at the foot of a page
        body.append(Paragraph(_escaped(words), styles[kind]))
    return head + body


def _signature(evidence: Evidence, styles: dict[str, Any]) -> list[Any]:
    """The signature and its evidence, never torn apart by the end of a page."""
    from reportlab.lib import colors
    from reportlab.lib.units import mm
    from reportlab.platypus import HRFlowable, KeepTogether, Paragraph, Spacer, Table

    rows = [
        [Paragraph(label, styles["small"]), Paragraph(_escaped(value), styles["fact"])]
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
        return Paragraph(_escaped(evidence.typed or evidence.signed_name), styles["typed"])
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


def _escaped(text: str) -> str:
    """Text as text: nothing in it is markup, line ends and leading blanks stay, no character is lost."""
    lines = (_drawable(line.replace("\t", "    ")) for line in text.splitlines())
    return "<br/>".join("&nbsp;" * (len(x) - len(x.lstrip(" "))) + escape(x.lstrip(" "), quote=False) for x in lines)


def _drawable(text: str) -> str:
    """Name the characters that the font cannot draw, as [U+738B]."""
    from reportlab.pdfbase.pdfmetrics import getFont

    known = getFont("Roboto").face.charWidths
    return "".join(c if ord(c) in known else f"[U+{ord(c):04X}]" for c in text)


def _numbered_pages(evidence: Evidence) -> Any:
    """A canvas that knows, once it reaches the end, of how many pages each was."""
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._drawn: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._drawn.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._drawn, start=1):
                self.__dict__.update(page)
                self.setFont("Roboto", 8)
                self.setFillGray(0.35)
                self.drawString(22 * mm + 6, 13 * mm, f"Agreement {evidence.agreement_id}")
                self.drawRightString(188 * mm - 6, 13 * mm, f"Page {number} of {len(self._drawn)}")
                super().showPage()
            super().save()

    return Numbered


@cache
def _styles() -> dict[str, Any]:
    import font_roboto
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name in ("Roboto", "Roboto-Bold", "Roboto-Italic"):
        registerFont(TTFont(name, font_roboto.font_files[name.replace("-", "")]))
    plain = {"fontName": "Roboto", "fontSize": 10.5, "leading": 15, "splitLongWords": 1}
    return {
        "text": ParagraphStyle("text", **plain, spaceAfter=7),
        "heading": ParagraphStyle("heading", **{**plain, "fontName": "Roboto-Bold", "fontSize": 12}, spaceBefore=8,
                                  spaceAfter=5),
        "title": ParagraphStyle("title", **{**plain, "fontName": "Roboto-Bold", "fontSize": 18, "leading": 23},
                                spaceBefore=2, spaceAfter=12),
        "small": ParagraphStyle("small", **{**plain, "fontSize": 8.5, "leading": 12}, textColor="#555555"),
        "fact": ParagraphStyle("fact", **{**plain, "fontSize": 8.5, "leading": 12}, wordWrap="CJK"),
        "typed": ParagraphStyle("typed", **{**plain, "fontName": "Roboto-Italic", "fontSize": 20, "leading": 26},
                                spaceAfter=4),
    }  # fmt: skip
