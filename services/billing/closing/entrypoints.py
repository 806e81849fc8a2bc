"""The doors of closing invoices."""

from chassis.entrypoints import Room, serves
from contracts.billing import invoices
from services.billing.closing import actions


class Closing(Room):
    void_invoice = serves(invoices.void_invoice, actions.void_invoice)
    write_off_invoice = serves(invoices.write_off_invoice, actions.write_off_invoice)
