"""The doors of assignments."""

from chassis.entrypoints import Room, serves
from contracts.billing import orders
from services.billing.assignments import queries


class Assignments(Room):
    list_assignments = serves(orders.list_assignments, queries.list_assignments)
