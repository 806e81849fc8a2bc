"""Making and changing what is sold."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import lazyload

from chassis.ids import new_id
from chassis.rows import changes_between
from chassis.work import Work
from contracts.billing import packages as told
from contracts.errors import NotFound
from contracts.language import Request
from services.acquaintance import known_business
from services.billing.packages.model import Package, PackageVersion
from services.billing.packages.queries import shown
from services.billing.packages.rules import Terms, fitting, in_currency, new_terms
from services.billing.taxes.queries import must_be_in_use


def create_package(work: Work, request: Request) -> dict[str, Any]:
    """Put a new package on sale."""
    if request.tax_rate_id is not None:
        must_be_in_use(work, request.tax_rate_id)
    package = Package(id=new_id(), kind=request.kind, on_sale=True, version=1, created_at=work.now)
    asked = in_currency(request, known_business(work).currency)
    version = _version(work, package, new_terms(request.kind, asked))
    work.session.add_all([package, version])
    _tell(work, told.package_created, version)
    return shown(package, version)


def change_package(work: Work, request: Request) -> dict[str, Any]:
    """Give the package a new version; what was sold before keeps the one that it was sold in."""
    alone = lazyload(Package.current)  # joined, it would be what was current before the wait, and no longer match
    package = work.session.get(Package, request.package_id, options=[alone], with_for_update=True)
    if package is None:
        raise NotFound("There is no such package.")
    work.expect(package.version)
    before = package.current.terms
    changes = {name: value for name, value in request.items() if name != "package_id"}
    terms = fitting(package.kind, before | in_currency(changes, before["price"]["currency"]))
    if terms["tax_rate_id"] not in (None, before["tax_rate_id"]):
        must_be_in_use(work, terms["tax_rate_id"])
    if terms == before:
        return shown(package, package.current)
    package.version += 1
    package.on_sale = terms["on_sale"]
    version = _version(work, package, terms)
    work.session.add(version)
    _tell(work, told.package_changed, version, changes=changes_between(before, terms))
    return shown(package, version)


def _version(work: Work, package: Package, terms: Terms) -> PackageVersion:
    fee, cycle = terms["sign_up_fee"], terms["cycle"] or {}
    return PackageVersion(
        package_id=package.id,
        version=package.version,
        kind=package.kind,
        name=terms["name"],
        visibility=terms["visibility"],
        currency=terms["price"]["currency"],
        price=terms["price"]["amount"],
        sign_up_fee=None if fee is None else fee["amount"],
        cycle_unit=cycle.get("unit"),
        cycle_count=cycle.get("count"),
        commitment=terms["commitment"],
        seats=terms["seats"],
        included_sessions=terms["included_sessions"],
        valid_days=terms["valid_days"],
        description=terms["description"],
        tax_rate_id=terms["tax_rate_id"],
        payment_plans=terms["payment_plans"],
        on_sale=terms["on_sale"],
        made_at=work.now,
        made_by=work.actor.id,
    )


def _tell(work: Work, event: Any, version: PackageVersion, **changed: Any) -> None:
    what = {"package_id": version.package_id, "name": version.name, "kind": version.kind, "version": version.version}
    work.record(event, None, **what, **changed)
