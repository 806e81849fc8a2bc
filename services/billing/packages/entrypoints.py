"""The doors of packages."""

from chassis.entrypoints import Room, serves
from contracts.billing import packages
from services.billing.own import serves_own
from services.billing.packages import actions, queries


class Packages(Room):
    create_package = serves(packages.create_package, actions.create_package)
    change_package = serves(packages.change_package, actions.change_package)
    get_package = serves(packages.get_package, queries.get_package)
    list_packages = serves_own(packages.list_packages, queries.list_packages)
