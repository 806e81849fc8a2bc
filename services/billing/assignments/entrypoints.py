"""The doors of assignments."""

from chassis.entrypoints import Room, ticks
from contracts.billing import orders
from services.billing.assignments import actions, queries
from services.billing.own import serves_own


class Assignments(Room):
    list_assignments = serves_own(orders.list_assignments, queries.list_assignments)
    end_expired = ticks(60, actions.end_expired)
