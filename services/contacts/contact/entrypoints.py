"""What the ground hears."""

from __future__ import annotations

from chassis.entrypoints import Room, hears
from contracts.billing.orders import package_paid, package_reversed
from services.contacts.contact import reactions


class Lifecycles(Room):
    weigh_package = hears([package_paid, package_reversed], reactions.weigh_package)
