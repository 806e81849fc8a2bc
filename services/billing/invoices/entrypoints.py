"""The doors of invoices."""

from chassis.entrypoints import Room
from contracts.billing import invoices
from services.billing.invoices import queries
from services.billing.own import serves_own


class Invoices(Room):
    get_invoice = serves_own(invoices.get_invoice, queries.get_invoice)
    list_invoices = serves_own(invoices.list_invoices, queries.list_invoices)
