"""The settings of the business: what it is called, how it counts, and what it calls its people."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from contracts.currencies import currency_code
from contracts.errors import Invalid, Stale
from contracts.language import Boolean, Event, Moment, Nothing, Rpc, Schema, Text

LIFECYCLE_POLICIES = ("paid_package", "subscription_and_booking")
LABELS = {
    "contact": "contact",
    "contacts": "contacts",
    "lead": "lead",
    "leads": "leads",
    "customer": "customer",
    "customers": "customers",
    "former_customer": "former customer",
    "former_customers": "former customers",
}
"""What people are called until the business calls them otherwise."""


def _described(description: str) -> dict[str, Any]:
    return {"metadata": {"description": description}}


def _days(description: str, *, least: int = 1, most: int = 3650) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most), **_described(description))


def _patchable(schema: type[Schema], *names: str) -> dict[str, fields.Field]:
    """The same fields, each of which null sets back to its default."""
    patchable = {name: field for name, field in schema().fields.items() if name in names}
    for field in patchable.values():
        field.allow_none = True
    return patchable


class Labels(Schema):
    """What the business calls its people (“patient”, “student”), one and several of each."""

    contact = Text(min=1, max=40)
    contacts = Text(min=1, max=40)
    lead = Text(min=1, max=40)
    leads = Text(min=1, max=40)
    customer = Text(min=1, max=40)
    customers = Text(min=1, max=40)
    former_customer = Text(min=1, max=40)
    former_customers = Text(min=1, max=40)


class LabelsPatch(Schema.from_dict(_patchable(Labels, *LABELS), name="LabelsGiven")):  # type: ignore[misc]
    """Of which null goes back to the default, and one that is not given stays."""


_LABELS = _described("what front ends and letters (`{{ labels.customer }}`) call people; this API keeps its words")
SETTINGS: dict[str, fields.Field] = {
    "business_name": Text(max=200, **_described("as the business is called; RAPPORT_BUSINESS_NAME")),
    "business_address": Text(max=500, multiline=True, **_described("as it stands on papers, line by line; none")),
    "tax_number": Text(max=60, **_described("by which the state knows the business, as it stands on papers; none")),
    "default_region": Text(
        min=2, max=2,
        **_described("the country (ISO 3166-1 alpha-2) by which a phone number without one is read; "
                     "RAPPORT_DEFAULT_REGION, GB"),
    ),
    "time_zone": Text(
        min=1, max=100,
        **_described("IANA name: where a day begins, for whoever has no location with a zone of its own; "
                     "RAPPORT_TIME_ZONE, UTC"),
    ),
    "currency": currency_code(
        **_described("ISO 4217: of a price that says no other, of facts and of the amounts among these settings; "
                     "changing it makes the facts anew, as a job; RAPPORT_CURRENCY, EUR"),
    ),
    "labels": fields.Nested(Labels, **_LABELS),
    "lifecycle_policy": fields.String(
        validate=validate.OneOf(LIFECYCLE_POLICIES),
        **_described("what makes a customer: a paid package that is not a trial, or an active subscription (credit "
                     "packs do not count) together with a booking; changing it judges everybody anew, as a job"),
    ),
    "new_within_days": _days("so many days after being entered a contact is new; 30"),
    "at_risk_days": _days("so many days without a booking put an active subscription at risk; 45"),
    "vip_lifetime_value": fields.Integer(
        strict=True, validate=validate.Range(0, 10**12),
        **_described("a VIP has spent at least this much, in minor units of `currency`; 100000"),
    ),
    "vip_visits_per_month": fields.Integer(
        strict=True, validate=validate.Range(1, 1000), **_described("or has come at least so often a month; 8")
    ),
    "discount_limit": fields.Integer(
        strict=True, validate=validate.Range(0, 10_000),
        **_described("more than such a part of a price is taken off by those alone who have the permission "
                     "`discounts.force`, in basis points; 2000, which is 20 %"),
    ),
    "follow_up_window_days": _days(
        "a lead untouched for so many days is for a front end to propose for archiving: 30 to 60; 45", least=30, most=60
    ),
    "leads_may_sign_in": Boolean(
        **_described("not only customers may sign in as members, but leads and former customers too; closing it signs "
                     "them out; false"),
    ),
}  # fmt: skip
"""Each setting with its type; what the environment or the text behind the semicolon says holds until it is set."""


class Settings(Schema.from_dict(SETTINGS, name="SettingsThatHold")):  # type: ignore[misc]
    """What holds now; `set` names what the business has said itself, the rest are defaults."""

    set = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)
    changed_at = Moment(required=True, allow_none=True)


_PATCHABLE = _patchable(Settings, *SETTINGS) | {"labels": fields.Nested(LabelsPatch, allow_none=True, **_LABELS)}


class ChangeSettings(Schema.from_dict(_PATCHABLE, name="SettingsPatch")):  # type: ignore[misc]
    """A merge-patch: what is given is set, null goes back to the default."""


class SettingsChanged(Schema):
    """`changes` is `{setting: {"before": …, "after": …}}`."""

    changes = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), required=True)
    version = fields.Integer(required=True)


get_settings = Rpc("contacts", "get_settings", needs="settings.read", takes=Nothing, gives=Settings, writes=False)
change_settings = Rpc(
    "contacts", "change_settings", needs="settings.manage", takes=ChangeSettings, gives=Settings,
    raises=(Invalid, Stale),
    about="Another process may go by the earlier settings for a second. Changing nothing makes no new version.",
)  # fmt: skip

settings_changed = Event(
    "contacts", "settings.changed", data=SettingsChanged,
    about="It is about no one contact. The other services go by the name, the address, the tax number, the time zone, "
    "the currency, the limits and the labels as this tells them.",
)  # fmt: skip
