"""A PDF of A4 pages with the business's words on them. The same words give the same bytes, whenever it is drawn.

Reportlab and its fonts are loaded at the first PDF, so that a process that makes none stays small.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any


def bound(story: Sequence[Any], *, title: str, author: str, subject: str) -> bytes:
    """Set reportlab's flowables on numbered pages, each with the `subject` at its foot; takes CPU time."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    styles()  # the fonts
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=20 * mm,
        bottomMargin=24 * mm,
        title=title,
        author=author,
        subject=subject,
        creator="Rapport",
        lang="en",
        invariant=1,
    )
    document.build(list(story), canvasmaker=_numbered_pages(subject))
    return out.getvalue()


def escaped(text: str) -> str:
    """Text as text: nothing in it is markup, line ends and leading blanks stay, no character is lost."""
    lines = (_drawable(line.replace("\t", "    ")) for line in text.splitlines())
    return "<br/>".join("&nbsp;" * (len(x) - len(x.lstrip(" "))) + escape(x.lstrip(" "), quote=False) for x in lines)


def _drawable(text: str) -> str:
    """Name the characters that the font cannot draw, as [U+738B]."""
    from reportlab.pdfbase.pdfmetrics import getFont

    known = getFont("Roboto").face.charWidths
    return "".join(c if ord(c) in known else f"[U+{ord(c):04X}]" for c in text)


def _numbered_pages(footer: str) -> Any:
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
                self.drawString(22 * mm + 6, 13 * mm, footer)
                self.drawRightString(188 * mm - 6, 13 * mm, f"Page {number} of {len(self._drawn)}")
                super().showPage()
            super().save()

    return Numbered


@cache
def styles() -> dict[str, Any]:
    """How words look, by what they are: text, heading, title, small, fact, amount, sum, sender, typed."""
    import font_roboto
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name in ("Roboto", "Roboto-Bold", "Roboto-Italic"):
        registerFont(TTFont(name, font_roboto.font_files[name.replace("-", "")]))
    plain = {"fontName": "Roboto", "fontSize": 10.5, "leading": 15, "splitLongWords": 1}
    to_the_right = {**plain, "fontSize": 8.5, "leading": 12, "alignment": 2}
    return {
        "text": ParagraphStyle("text", **plain, spaceAfter=7),
        "heading": ParagraphStyle("heading", **{**plain, "fontName": "Roboto-Bold", "fontSize": 12}, spaceBefore=8,
                                  spaceAfter=5),
        "title": ParagraphStyle("title", **{**plain, "fontName": "Roboto-Bold", "fontSize": 18, "leading": 23},
                                spaceBefore=2, spaceAfter=12),
        "small": ParagraphStyle("small", **{**plain, "fontSize": 8.5, "leading": 12}, textColor="#555555"),
        "fact": ParagraphStyle("fact", **{**plain, "fontSize": 8.5, "leading": 12}, wordWrap="CJK"),
        "amount": ParagraphStyle("amount", **to_the_right),
        "sum": ParagraphStyle("sum", **{**to_the_right, "fontName": "Roboto-Bold"}),
        "sender": ParagraphStyle("sender", **to_the_right, textColor="#555555"),
        "typed": ParagraphStyle("typed", **{**plain, "fontName": "Roboto-Italic", "fontSize": 20, "leading": 26},
                                spaceAfter=4),
    }  # fmt: skip
