"""The doors of invoices."""

from chassis.entrypoints import Room, serves
from contracts.billing import invoices
from services.billing.invoices import queries


class Invoices(Room):
    get_invoice = serves(invoices.get_invoice, queries.get_invoice)
    list_invoices = serves(invoices.list_invoices, queries.list_invoices)
