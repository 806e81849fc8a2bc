"""Which rates there are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.errors import Invalid, NotFound
from contracts.language import Request
from services.billing.taxes.model import TaxRate


def get_tax_rate(work: Work, request: Request) -> TaxRate:
    """The rate, archived or not."""
    rate = work.session.get(TaxRate, request.tax_rate_id)
    if rate is None:
        raise NotFound("There is no such tax rate.")
    return rate


def list_tax_rates(work: Work, request: Request) -> dict[str, Any]:
    """The rates, newest first."""
    rates = narrowed(select(TaxRate), request, TaxRate.archived)
    return page_of(work, rates, keys_for(request.sort, oldest=[TaxRate.id]), request)


def must_be_in_use(work: Work, tax_rate_id: str) -> None:
    """Refuse a rate for a package that is none, or is archived."""
    rate = work.session.get(TaxRate, tax_rate_id)
    if rate is None or rate.archived:
        raise Invalid.field("/tax_rate_id", "Is not a tax rate in use.")
