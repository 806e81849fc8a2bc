"""Packages: what the business sells."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.currencies import currency_code
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import Boolean, Changes, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

KINDS = ("membership", "trial", "credit_pack", "course", "product")
VISIBILITIES = ("normal", "private")
CYCLE_UNITS = ("day", "week", "month", "year")
MOST_INSTALMENTS = 120
MOST_SEATS = 100


class Cycle(Schema):
    """How often a membership is charged: every `count` `unit`s."""

    unit = fields.String(required=True, validate=validate.OneOf(CYCLE_UNITS))
    count = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 120))


class Price(Money):
    """An amount in the currency of the business (setting `currency`) where no other is said."""

    currency = currency_code()


class Interval(Schema):
    """How far apart instalments are: every `count` weeks or months."""

    unit = fields.String(required=True, validate=validate.OneOf(("week", "month")))
    count = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 52))


class PlanOffered(Schema):
    """A way of paying by instalments: so many altogether, the first of them on the day of the order.

    `first_payment` is what the first one comes to for one of the package; the others are alike. Without it all are
    alike, and what does not divide falls on the first ones, a minor unit each.
    """

    key = fields.String(
        required=True, validate=(validate.Length(max=40), validate.Regexp(r"\A[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")),
        metadata={"description": "by which an order names it: `3-months`"},
    )  # fmt: skip
    instalments = fields.Integer(required=True, strict=True, validate=validate.Range(2, MOST_INSTALMENTS))
    interval = fields.Nested(Interval, required=True)
    first_payment = fields.Nested(Price, load_default=None, allow_none=True)


class PricingOption(fields.String):
    """In which way a package is sold, in words to filter by: `monthly`, `every 3 months`, `10 sessions`."""

    def __init__(self) -> None:
        super().__init__(allow_none=True, metadata={"description": "Null: it is sold in one way only."})


class _Terms(Schema):
    """What may be said of a package when it is made and when it is changed."""

    visibility = fields.String(validate=validate.OneOf(VISIBILITIES))
    sign_up_fee = fields.Nested(Price, allow_none=True)
    cycle = fields.Nested(Cycle, allow_none=True)
    commitment = fields.Integer(
        allow_none=True, strict=True, validate=validate.Range(1, 120),
        metadata={"description": "cycles from the first on, before whose end a membership is not cancelled"},
    )  # fmt: skip
    seats = fields.Integer(
        strict=True, validate=validate.Range(1, MOST_SEATS),
        metadata={"description": "how many use a membership together, its owner among them; 1: the owner alone"},
    )  # fmt: skip
    included_sessions = fields.Integer(allow_none=True, strict=True, validate=validate.Range(0, 100_000))
    valid_days = fields.Integer(
        allow_none=True, strict=True, validate=validate.Range(1, 10_000),
        metadata={"description": "days from its payment on that a trial, or the credits of a pack, last; null: always"},
    )  # fmt: skip
    description = Text(max=2000, multiline=True, allow_none=True)
    tax_rate_id = Id(allow_none=True, metadata={"description": "of price and sign-up fee; null: none is collected"})
    payment_plans = fields.List(
        fields.Nested(PlanOffered), validate=validate.Length(max=20),
        metadata={"description": "by which it may be paid; a change sends all of them"},
    )  # fmt: skip


class CreatePackage(_Terms):
    """A new package. Only a membership has a `cycle` (a month where none is said); a trial never makes a customer.

    `visibility` private: hidden from members, sold by the team alone. `sign_up_fee` is charged once, with the first
    order, in the currency of the price. A credit pack is good for `included_sessions` bookings, within `valid_days`, a
    course for as many sessions of its own, each for one at least; a product includes none. A trial lasts `valid_days`.
    A membership goes on by itself, charged cycle by cycle, for `commitment` cycles at least; with more than one of its
    `seats`, contacts who are related to the owner use it too. Whatever is no trial may be paid by instalments, a
    membership within the cycle that it pays for.
    """

    name = Text(required=True, min=1, max=120)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    price = fields.Nested(Price, required=True)


class ChangePackage(_Terms):
    """A merge patch: what is not sent stays. What was assigned before keeps the version that it was sold in."""

    package_id = Id(required=True)
    name = Text(min=1, max=120)
    price = fields.Nested(Price)
    on_sale = Boolean()


class PackageId(Schema):
    """Which package."""

    package_id = Id(required=True)


class ListPackages(PageRequest):
    """Newest first. `for_contact` lists what this contact is shown: nothing that is private or not on sale, to a lead
    trials alone, and to who is archived nothing."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    on_sale = Boolean()
    for_contact = Id()
    sort = Sort("newest", "oldest")


class Package(Schema):
    """A package as it is sold now; `version` counts its changes."""

    id = Id(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    visibility = fields.String(required=True, validate=validate.OneOf(VISIBILITIES))
    price = fields.Nested(Money, required=True)
    sign_up_fee = fields.Nested(Money, required=True, allow_none=True)
    cycle = fields.Nested(Cycle, required=True, allow_none=True)
    commitment = fields.Integer(required=True, allow_none=True)
    seats = fields.Integer(required=True)
    included_sessions = fields.Integer(required=True, allow_none=True)
    valid_days = fields.Integer(required=True, allow_none=True)
    pricing_option = PricingOption()
    description = fields.String(required=True, allow_none=True)
    tax_rate_id = Id(required=True, allow_none=True)
    payment_plans = fields.List(fields.Nested(PlanOffered), required=True)
    on_sale = Boolean(required=True)
    created_at = Moment(required=True)
    changed_at = Moment(required=True)


class PackageTold(Schema):
    """A package as it is told: enough to show it, no more."""

    package_id = Id(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    version = fields.Integer(required=True)


class PackageChanged(PackageTold):
    """`changes` of the terms; what was sold before keeps its own `version`."""

    changes = Changes()


create_package = Rpc(
    "billing", "create_package", needs="packages.manage", takes=CreatePackage, gives=Package, raises=(Invalid,)
)
get_package = Rpc(
    "billing", "get_package", needs="packages.browse", takes=PackageId, gives=Package, raises=(NotFound, Unavailable),
    writes=False,
)  # fmt: skip
change_package = Rpc(
    "billing", "change_package", needs="packages.manage", takes=ChangePackage, gives=Package,
    raises=(NotFound, Invalid, Conflict, Stale),
)  # fmt: skip
list_packages = Rpc(
    "billing", "list_packages", needs="packages.browse", takes=ListPackages, gives=page_of(Package),
    raises=(Invalid, Merged, Unavailable), writes=False,
)  # fmt: skip

package_created = Event("billing", "package.created", data=PackageTold, about="A package is on sale. No subject.")
package_changed = Event(
    "billing", "package.changed", data=PackageChanged, about="A package has a new version. No subject."
)
