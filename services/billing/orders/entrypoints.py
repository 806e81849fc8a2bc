"""The doors of orders."""

from chassis.entrypoints import Room, serves
from contracts.billing import orders
from services.billing.orders import actions, placing, queries


class Orders(Room):
    place_order = serves(orders.place_order, placing.place_order)
    cancel_order = serves(orders.cancel_order, actions.cancel_order)
    get_order = serves(orders.get_order, queries.get_order)
    list_orders = serves(orders.list_orders, queries.list_orders)
