"""The doors of orders."""

from chassis.entrypoints import Room, serves
from contracts.billing import drafts as drafting, orders
from services.billing.orders import actions, drafts, outlook, placing, queries
from services.billing.own import serves_own


class Orders(Room):
    place_order = serves_own(orders.place_order, placing.place_order)
    cancel_order = serves_own(orders.cancel_order, actions.cancel_order)
    get_order = serves_own(orders.get_order, outlook.get_order)
    list_orders = serves_own(orders.list_orders, queries.list_orders)
    draft_order = serves(drafting.draft_order, drafts.draft_order)
    change_draft = serves(drafting.change_draft, drafts.change_draft)
    place_draft = serves(drafting.place_draft, drafts.place_draft)
    delete_draft = serves(drafting.delete_draft, drafts.delete_draft)
