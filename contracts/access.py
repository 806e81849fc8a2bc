"""Who may do what: the one table of roles and permissions, read by the gateway and by every service."""

from __future__ import annotations

from collections.abc import Set

PERMISSIONS: dict[str, str] = {
    "contacts.read": "see contacts, their notes, tags, timeline and profile",
    "contacts.write": "add and change contacts, notes and tags",
    "contacts.correct": "correct since when somebody is a customer",
    "preferences.read": "see what a contact agreed to, and whether something may be sent",
    "preferences.write": "change how a contact wants to be reached",
    "emergency.read": "see whom to call in an emergency",
    "emergency.write": "add and change whom to call in an emergency",
    "referrals.read": "see whom a contact brought along",
    "referrals.write": "make referral codes and buddy passes",
    "notes.manage": "remove notes of others, and read the texts of removed ones",
    "contacts.export": "take contacts away in a file",
    "contacts.import": "import files of contacts and see the result",
    "settings.read": "see the settings, locations and custom fields of the business",
    "settings.manage": "change settings, locations and custom fields; rename and delete tags",
    "bookings.read": "see sessions, bookings and credits",
    "bookings.write": "book, reschedule, cancel and check in",
    "sessions.manage": "plan, change and call off sessions",
    "schedulers.write": "write sessions and bookings as an outside scheduler",
    "team.read": "see who works here",
    "team.manage": "add and change team members",
    "pipeline.read": "see the board and the leads",
    "pipeline.write": "move and assign leads, make and settle follow-ups",
    "pipeline.manage": "configure the stages, what happens in them by itself, and who gets which leads",
    "billing.read": "see all packages, drafts of orders, taxes and promo codes, and what became of what was bought",
    "packages.browse": "see what is offered",
    "purchases.read": "see orders, invoices, payments, subscriptions, cards and credit",
    "billing.sell": "sell whatever is on sale, take cash, and look after what was sold",
    "orders.buy": "order packages for what they cost, and cancel what one ordered oneself and nobody paid",
    "purchases.pay": "pay what is owed by card, by credit, or by a bank transfer that somebody else approves",
    "cards.keep": "add and remove cards on file, and choose the one that is charged",
    "orders.discount": "give discounts on what is ordered",
    "discounts.force": "give discounts of more than the limit that the business sets",
    "billing.approve": "approve and reject bank transfers",
    "billing.correct": "give money back, void, waive and write off what is owed, and move credit",
    "subscriptions.force": "end a membership before its commitment is over",
    "packages.manage": "add and change packages",
    "documents.read": "see agreements and their PDF",
    "documents.send": "send agreements for signature and recall them",
    "documents.manage": "write templates of agreements",
    "forms.fill": "fill forms for a contact, and change the answers",
    "forms.read": "see what contacts answered to questionnaires and goal plans",
    "health.read": "see what contacts answered to forms of every kind, their health among it",
    "messages.read": "see the communication log",
    "messages.send": "send messages to contacts",
    "messages.manage": "write message templates",
    "events.read": "read the event feed",
    "system": "what only the services themselves and the launcher ask",
}

INCLUDED: dict[str, frozenset[str]] = {
    "billing.read": frozenset({"packages.browse", "purchases.read"}),
    "billing.approve": frozenset({"billing.correct"}),
    "billing.sell": frozenset({"orders.buy", "purchases.pay", "cards.keep"}),
}
"""What a permission includes: for a role, and for an API key of before the part had a name of its own."""


def grants(granted: Set[str], permission: str) -> bool:
    """Tell whether this permission is among those, or included in one of them."""
    return permission in granted or any(permission in INCLUDED.get(each, ()) for each in granted)


API = "api"
"""The role of another system that comes with an API key."""
MEMBER = "member"
"""The role of a customer who signed in; the actor's id is the contact's."""
_ABOUT_ONESELF = {
    "preferences.read", "preferences.write", "emergency.read", "emergency.write", "referrals.read", "referrals.write",
}  # fmt: skip
_BUYING = {"packages.browse", "purchases.read", "orders.buy", "purchases.pay", "cards.keep"}
_MEMBER = _ABOUT_ONESELF | _BUYING
"""What a member may do, to the one contact whose id is theirs; every action of these sees to that itself."""
_LOOKING = {"contacts.read", "preferences.read", "emergency.read", "referrals.read", "settings.read", "team.read"}
_SALES = {
    "contacts.read", "contacts.write", "contacts.import", "contacts.export", "settings.read", "team.read",
    "pipeline.read", "pipeline.write", "billing.read", "billing.sell", "orders.discount", "documents.read",
    "documents.send", "forms.fill", "forms.read", "messages.read", "messages.send", *_ABOUT_ONESELF,
}  # fmt: skip
_STAFF = {
    "contacts.read", "contacts.write", "settings.read", "team.read", "billing.read", "documents.read", "forms.fill",
    "messages.read", "messages.send", *_ABOUT_ONESELF - {"emergency.write"},
}  # fmt: skip
_BOOKING = {"bookings.read", "bookings.write"}
_ADMIN = set(PERMISSIONS) - {"system"}


def _all_of(*permissions: str) -> frozenset[str]:
    """These with what they include."""
    return frozenset(each for each in PERMISSIONS if grants(set(permissions), each))


ROLES: dict[str, frozenset[str]] = {
    "owner": _all_of(*_ADMIN),
    "admin": _all_of(*_ADMIN),
    "sales": _all_of(*_SALES, *_BOOKING),
    "staff": _all_of(*_STAFF, *_BOOKING, "sessions.manage"),
    "practitioner": _all_of(*_LOOKING, *_BOOKING, "documents.read", "forms.fill", "forms.read", "health.read"),
    "dispatcher": _all_of(*_LOOKING, *_BOOKING, "sessions.manage", "pipeline.read", "messages.read"),
    MEMBER: _all_of(*_MEMBER),
    API: frozenset(),
    "service": frozenset(PERMISSIONS),
}
"""What each role may; an API key may what its own scopes say."""
