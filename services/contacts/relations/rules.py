"""What one is to the other."""

from __future__ import annotations

from contracts.contacts.words import RELATIONS
from contracts.errors import Invalid


def role_of(kind: str, role: str | None, *, contact_is: str, related_is: str) -> str:
    """The role as told, or the plainest of its kind; `contact_is` and `related_is` are person or company."""
    if role and role not in RELATIONS[kind]:
        raise Invalid.field("/role", f"Of the kind {kind} one is: {', '.join(RELATIONS[kind])}.")
    if role:
        return role
    if kind == "company" and related_is == "company":
        return "employer"
    if kind == "company" and contact_is == "company":
        return "employee"
    return next(iter(RELATIONS[kind]))


def inverse_of(kind: str, role: str) -> str:
    """What the contact is to the related one, who is the `role` of the contact."""
    return RELATIONS[kind][role]
