"""What is sold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, select, true, tuple_

from chassis.pages import page_of
from chassis.work import Work
from contracts.errors import NotFound, named_at
from contracts.language import Request
from services.acquaintance import meet_contact
from services.billing.packages.model import Package, PackageVersion
from services.billing.packages.rules import pricing_option_of
from services.billing.taxes.rules import Tax


def get_package(work: Work, request: Request) -> dict[str, Any]:
    """The package as it is sold now."""
    package = work.session.get(Package, request.package_id)
    if package is None:
        raise NotFound("There is no such package.")
    return shown(package, package.current)


def list_packages(work: Work, request: Request) -> dict[str, Any]:
    """Packages, newest first."""
    packages = select(Package)
    if request.kind is not None:
        packages = packages.where(Package.kind == request.kind)
    if request.on_sale is not None:
        packages = packages.where(Package.on_sale == request.on_sale)
    if request.for_contact is not None:
        packages = packages.where(*_shown_to(work, request.for_contact))
    page = page_of(work, packages, [Package.id.desc()], request)
    return page | {"items": [shown(package, package.current) for package in page["items"]]}


def _shown_to(work: Work, contact_id: str) -> list[ColumnElement[bool]]:
    """What a contact is shown, by the lifecycle that contacts tells."""
    with named_at("/for_contact"):
        contact = meet_contact(work, contact_id)
    if contact["standing"] != "active":
        return [false()]
    a_lead = contact["lifecycle"]["state"] == "lead"
    shown: list[ColumnElement[bool]] = [
        Package.on_sale == true(),
        Package.current.has(PackageVersion.visibility == "normal"),
    ]
    return [*shown, Package.kind == "trial"] if a_lead else shown


def versions_on_sale(work: Work, package_ids: set[str]) -> dict[str, PackageVersion]:
    """The current version of each of these packages that is on sale; the others are left out."""
    packages = packages_by_id(work, package_ids)
    return {id: package.current for id, package in packages.items() if package.on_sale}


def packages_by_id(work: Work, package_ids: set[str]) -> dict[str, Package]:
    """Those of them that there are, on sale or not."""
    packages = work.session.scalars(select(Package).where(Package.id.in_(package_ids)))
    return {package.id: package for package in packages}


def taxes_of(work: Work, sold: set[tuple[str, int]]) -> dict[tuple[str, int], Tax | None]:
    """The tax on packages in the versions in which they were sold."""
    of_these = tuple_(PackageVersion.package_id, PackageVersion.version).in_(sorted(sold))
    versions = work.session.scalars(select(PackageVersion).where(of_these))
    return {(version.package_id, version.version): version.tax for version in versions}


def shown(package: Package, version: PackageVersion) -> dict[str, Any]:
    """A package as the contract says it."""
    return version.terms | {
        "id": package.id,
        "kind": package.kind,
        "pricing_option": pricing_option_of(version),
        "version": version.version,
        "created_at": package.created_at,
        "changed_at": version.made_at,
    }
