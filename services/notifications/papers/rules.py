"""The words of the letters that hand an invoice or a credit note over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.amounts import written


def invoice_letter(told: Mapping[str, Any], *, name: str, sender: str) -> dict[str, str]:
    """Hand an invoice over, and say what is still to be paid of it."""
    due, total = told["due"], told["total"]
    left = f"{written(**due)} of it is still to be paid." if due["amount"] else "Nothing of it is left to be paid."
    words = f"Hello {name},\n\nattached is invoice {told['number']} of {written(**total)}. {left}"
    return {"subject": f"Invoice {told['number']}", "text": f"{words}\n\n{sender}\n"}


def credit_note_letter(told: Mapping[str, Any], *, name: str, sender: str) -> dict[str, str]:
    """Hand a credit note over, and say on which invoice it is."""
    number, total = told["number"], written(**told["total"])
    words = f"Hello {name},\n\nattached is credit note {number} of {total}, on invoice {told['invoice_number']}."
    return {"subject": f"Credit note {number}", "text": f"{words}\n\n{sender}\n"}
