"""Billing on the web: packages, orders, payments, cards on file, and what a contact has and owes."""

from contracts.billing import accounts, cards, credit, invoices, notices, orders, packages, payments, rewards
from contracts.contacts import histories
from gateway.routes.table import delete, get, patch, post
from gateway.views import webhooks

ROUTES = [
    get("/packages", packages.list_packages),
    post("/packages", packages.create_package, makes="/packages/{id}"),
    get("/packages/<package_id>", packages.get_package),
    patch("/packages/<package_id>", packages.change_package),
    get("/packages/<package_id>/history", histories.list_package_history),
    get("/orders", orders.list_orders),
    post("/orders", orders.place_order, makes="/orders/{id}"),
    get("/orders/<order_id>", orders.get_order),
    post("/orders/<order_id>/cancel", orders.cancel_order),
    post("/orders/<order_id>/payments", payments.take_payment, makes="/payments/{id}"),
    get("/invoices", invoices.list_invoices),
    get("/invoices/<invoice_id>", invoices.get_invoice),
    post("/invoices/<invoice_id>/void", invoices.void_invoice),
    post("/invoices/<invoice_id>/write-off", invoices.write_off_invoice),
    get("/payments", payments.list_payments),
    get("/payments/<payment_id>", payments.get_payment),
    post("/payments/<payment_id>/approve", payments.approve_payment),
    post("/payments/<payment_id>/reject", payments.reject_payment),
    post("/payments/<payment_id>/refund", payments.refund_payment),
    post("/payments/<payment_id>/authentication", payments.authenticate_payment),
    post("/payments/<payment_id>/cancel", payments.cancel_payment),
    get("/contacts/<contact_id>/cards", cards.list_cards),
    post("/contacts/<contact_id>/cards", cards.add_card, makes="/cards/{id}"),
    post("/contacts/<contact_id>/card-setups", cards.set_up_card, status=201),
    get("/cards/<card_id>", cards.get_card),
    patch("/cards/<card_id>", cards.change_card),
    delete("/cards/<card_id>", cards.remove_card),
    post("/public/webhooks/cards", notices.hear_provider, view=webhooks.hear),
    post("/public/test-bank", notices.answer_test_bank),
    get("/contacts/<contact_id>/packages", orders.list_assignments),
    get("/contacts/<contact_id>/credit", credit.get_credit),
    post("/contacts/<contact_id>/credit/grant", credit.grant_credit, status=201),
    post("/contacts/<contact_id>/credit/withdraw", credit.withdraw_credit, status=201),
    get("/reward-rule", rewards.get_reward_rule),
    patch("/reward-rule", rewards.change_reward_rule),
    get("/rewards", rewards.list_rewards),
    get("/contacts/<contact_id>/account", accounts.get_account),
]
