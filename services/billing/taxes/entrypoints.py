"""The doors of taxes."""

from chassis.entrypoints import Room, serves
from contracts.billing import taxes
from services.billing.taxes import actions, queries


class Taxes(Room):
    create_tax_rate = serves(taxes.create_tax_rate, actions.create_tax_rate)
    get_tax_rate = serves(taxes.get_tax_rate, queries.get_tax_rate)
    change_tax_rate = serves(taxes.change_tax_rate, actions.change_tax_rate)
    list_tax_rates = serves(taxes.list_tax_rates, queries.list_tax_rates)
