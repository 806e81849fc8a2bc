"""What is sold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, tuple_

from chassis.pages import keys_for, page_of
from chassis.work import Work
from contracts.errors import NotFound, named_at
from contracts.language import Request
from services.billing.packages.model import Package, PackageVersion
from services.billing.packages.offering import Which, offered_to, shelf_of
from services.billing.packages.rules import pricing_option_of
from services.billing.taxes.rules import Tax

SEES_ALL = "billing.read"


def get_package(work: Work, request: Request) -> dict[str, Any]:
    """The package as it is sold now, if it is one that who asks is shown."""
    shelf = shelf_of(work, SEES_ALL)
    package = work.session.scalar(select(Package).where(Package.id == request.package_id, *shelf))
    if package is None:
        raise NotFound("There is no such package.")
    return shown(package, package.current)


def list_packages(work: Work, request: Request) -> dict[str, Any]:
    """Packages, newest first."""
    packages = select(Package).where(*_listed(work, request.for_contact))
    if request.kind is not None:
        packages = packages.where(Package.kind == request.kind)
    if request.on_sale is not None:
        packages = packages.where(Package.on_sale == request.on_sale)
    page = page_of(work, packages, keys_for(request.sort, oldest=[Package.id]), request)
    return page | {"items": [shown(package, package.current) for package in page["items"]]}


def _listed(work: Work, for_contact: str | None) -> Which:
    if for_contact is None or not work.actor.may(SEES_ALL):
        return shelf_of(work, SEES_ALL)
    with named_at("/for_contact"):
        return offered_to(work, for_contact)


def versions_on_sale(work: Work, package_ids: set[str], shelf: Which = ()) -> dict[str, PackageVersion]:
    """The current version of each of these packages that is on sale and on the shelf; the others are left out."""
    packages = packages_by_id(work, package_ids, shelf)
    return {id: package.current for id, package in packages.items() if package.on_sale}


def packages_by_id(work: Work, package_ids: set[str], shelf: Which = ()) -> dict[str, Package]:
    """Those of them that there are, on sale or not."""
    packages = work.session.scalars(select(Package).where(Package.id.in_(package_ids), *shelf))
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
