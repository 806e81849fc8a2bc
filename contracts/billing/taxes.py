"""Tax rates: what the business collects on top of its prices, or within them."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Invalid, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of


class BasisPoints(fields.Integer):
    """Hundredths of a per cent: 1900 is 19 %."""

    def __init__(self) -> None:
        super().__init__(required=True, strict=True, validate=validate.Range(0, 10_000))


class CreateTaxRate(Schema):
    """`inclusive`: the prices of packages have the tax in them already. Neither it nor the rate ever changes."""

    name = Text(required=True, min=1, max=60)
    basis_points = BasisPoints()
    inclusive = Boolean(required=True)


class TaxRateId(Schema):
    """Which tax rate."""

    tax_rate_id = Id(required=True)


class ChangeTaxRate(TaxRateId):
    """A merge-patch. An archived rate is chosen for no package any more; those that have it are sold with it still."""

    name = Text(min=1, max=60)
    archived = Boolean()


class ListTaxRates(PageRequest):
    archived = Boolean()
    sort = Sort("newest", "oldest")


class TaxRate(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    basis_points = BasisPoints()
    inclusive = Boolean(required=True)
    archived = Boolean(required=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class TaxRateTold(Schema):
    """A rate as it is told."""

    tax_rate_id = Id(required=True)
    name = fields.String(required=True)
    basis_points = BasisPoints()
    inclusive = Boolean(required=True)
    archived = Boolean(required=True)
    version = fields.Integer(required=True)


class TaxRateChanged(TaxRateTold):
    changes = Changes()


create_tax_rate = Rpc(
    "billing", "create_tax_rate", needs="packages.manage", takes=CreateTaxRate, gives=TaxRate, raises=(Invalid,)
)
get_tax_rate = Rpc(
    "billing", "get_tax_rate", needs="billing.read", takes=TaxRateId, gives=TaxRate, raises=(NotFound,), writes=False
)
change_tax_rate = Rpc(
    "billing", "change_tax_rate", needs="packages.manage", takes=ChangeTaxRate, gives=TaxRate,
    raises=(NotFound, Invalid, Stale),
)  # fmt: skip
list_tax_rates = Rpc(
    "billing", "list_tax_rates", needs="billing.read", takes=ListTaxRates, gives=page_of(TaxRate), raises=(Invalid,),
    writes=False,
)  # fmt: skip

tax_rate_created = Event("billing", "tax_rate.created", data=TaxRateTold, about="No subject.")
tax_rate_changed = Event("billing", "tax_rate.changed", data=TaxRateChanged, about="No subject.")
