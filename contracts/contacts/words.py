"""The closed lists of words that contacts uses on the wire."""

from __future__ import annotations

KINDS = ("person", "company")
ENTERED_AS = ("lead", "customer")
LIFECYCLES = ("lead", "customer", "former_customer")
STANDINGS = ("active", "archived", "merged")
CONVERTED = "converted"
LEAD_STATUSES = ("new", "contacted", "qualified", CONVERTED, "unqualified")
ACQUISITIONS = (
    "website_signup", "app_signup", "referral", "related_contact", "emergency_contact", "buddy_pass",
    "embedded_form", "manual", "import", "api",
)  # fmt: skip
STUDIO_CONTROLLED = ("manual", "import")
"""The ways in that the business itself holds in its hand; through all others somebody else comes by themselves."""

CHANNELS = ("email", "sms", "phone", "push", "mail")
"""The ways in which the business reaches somebody; `mail` is paper."""
PURPOSES = ("transactional", "reminders", "marketing")
"""What a message is for, from what somebody needs to what the business wants."""
RELATIONS = {
    "family": {
        "relative": "relative",
        "parent": "child",
        "child": "parent",
        "sibling": "sibling",
        "grandparent": "grandchild",
        "grandchild": "grandparent",
    },
    "guardian": {"guardian": "ward", "ward": "guardian"},
    "friend": {"friend": "friend"},
    "partner": {"partner": "partner", "spouse": "spouse"},
    "company": {"colleague": "colleague", "employer": "employee", "employee": "employer"},
}
"""The kinds of relations; of each, what one is to the other, and what the other then is to them."""
