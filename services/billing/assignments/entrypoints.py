"""The doors of assignments."""

from chassis.entrypoints import Room, serves, ticks
from contracts.billing import orders
from services.billing.assignments import actions, queries


class Assignments(Room):
    list_assignments = serves(orders.list_assignments, queries.list_assignments)
    end_expired = ticks(60, actions.end_expired)
