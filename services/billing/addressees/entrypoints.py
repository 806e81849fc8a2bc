"""The doors of addressees."""

from chassis.entrypoints import MANY, hears_many
from services.acquaintance import KnownSettings
from services.acquaintance.entrypoints import TOLD
from services.billing.addressees import reactions


class Addressees(KnownSettings):
    remember_contacts = hears_many(TOLD, reactions.remember_with_addresses, gather=0.05, most=MANY)
