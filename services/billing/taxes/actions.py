"""Making tax rates, and putting them away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from chassis.rows import set_on
from chassis.work import Work
from contracts.billing import taxes as told
from contracts.errors import NotFound
from contracts.language import Event, Request
from services.billing.taxes.model import TaxRate


def create_tax_rate(work: Work, request: Request) -> TaxRate:
    """A rate to choose for packages."""
    rate = TaxRate(id=new_id(), **request, archived=False, created_at=work.now, version=1)
    work.session.add(rate)
    _tell(work, told.tax_rate_created, rate)
    return rate


def change_tax_rate(work: Work, request: Request) -> TaxRate:
    """Call it otherwise, put it away, or take it out again; a rate that is another one is a new rate."""
    wanted = select(TaxRate).where(TaxRate.id == request.tax_rate_id).with_for_update()
    rate = work.session.scalar(wanted.execution_options(populate_existing=True))
    if rate is None:
        raise NotFound("There is no such tax rate.")
    work.expect(rate.version)
    changes = set_on(rate, {name: value for name, value in request.items() if name != "tax_rate_id"})
    if changes:
        rate.version += 1
        _tell(work, told.tax_rate_changed, rate, changes=changes)
    return rate


def _tell(work: Work, event: Event, rate: TaxRate, **changed: Any) -> None:
    names = ("name", "basis_points", "inclusive", "archived", "version")
    work.record(event, None, tax_rate_id=rate.id, **{name: getattr(rate, name) for name in names}, **changed)
