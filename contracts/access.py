"""Who may do what: the one table of roles and permissions, read by the gateway and by every service."""

from __future__ import annotations

PERMISSIONS: dict[str, str] = {
    "contacts.read": "see contacts, their notes, tags, timeline and profile",
    "contacts.write": "add and change contacts, notes and tags",
    "contacts.import": "import files of contacts and see the result",
    "settings.read": "see the settings, locations and custom fields of the business",
    "settings.manage": "change settings, locations and custom fields; rename and delete tags",
    "team.read": "see who works here",
    "team.manage": "add and change team members",
    "pipeline.read": "see the board and the leads",
    "pipeline.write": "move and assign leads",
    "pipeline.manage": "configure the stages",
    "billing.read": "see packages, orders, invoices and payments",
    "billing.sell": "order packages for a contact and take payments",
    "billing.approve": "approve and reject bank transfers",
    "packages.manage": "add and change packages",
    "documents.read": "see agreements and their PDF",
    "documents.send": "send agreements for signature and recall them",
    "documents.manage": "write templates of agreements",
    "messages.read": "see the communication log",
    "messages.send": "send messages to contacts",
    "messages.manage": "write message templates",
    "events.read": "read the event feed",
    "system": "what only the services themselves and the launcher ask",
}

_SALES = {
    "contacts.read", "contacts.write", "contacts.import", "settings.read", "team.read", "pipeline.read",
    "pipeline.write", "billing.read", "billing.sell", "documents.read", "documents.send", "messages.read",
    "messages.send",
}  # fmt: skip
_STAFF = {
    "contacts.read", "contacts.write", "settings.read", "team.read", "billing.read", "documents.read", "messages.read",
    "messages.send",
}  # fmt: skip
_ADMIN = set(PERMISSIONS) - {"system"}

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(_ADMIN),
    "admin": frozenset(_ADMIN),
    "sales": frozenset(_SALES),
    "staff": frozenset(_STAFF),
    "practitioner": frozenset({"contacts.read", "settings.read", "team.read", "documents.read"}),
    "dispatcher": frozenset({"contacts.read", "settings.read", "team.read", "pipeline.read", "messages.read"}),
    "member": frozenset(),
    "service": frozenset(PERMISSIONS),
}
