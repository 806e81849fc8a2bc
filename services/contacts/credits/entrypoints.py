"""The doors of the credits."""

from chassis.entrypoints import Room, hears, serves
from contracts.billing.orders import package_paid, package_reversed
from contracts.contacts import credits
from services.contacts.credits import queries, reactions


class Credits(Room):
    list_credits = serves(credits.list_credits, queries.list_credits)
    get_credit_pack = serves(credits.get_credit_pack, queries.get_credit_pack)
    list_credit_entries = serves(credits.list_credit_entries, queries.list_credit_entries)
    weigh_credit_pack = hears([package_paid, package_reversed], reactions.weigh_credit_pack)
