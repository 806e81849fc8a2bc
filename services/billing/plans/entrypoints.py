"""The doors of payment plans."""

from chassis.entrypoints import Room, serves, ticks
from contracts.billing import plans, subscriptions
from services.billing.own import serves_own
from services.billing.plans import actions, cancelling, passing, queries


class PaymentPlans(Room):
    list_payment_plans = serves_own(plans.list_payment_plans, queries.list_payment_plans)
    get_payment_plan = serves_own(plans.get_payment_plan, queries.get_payment_plan)
    list_payment_plan_changes = serves(plans.list_payment_plan_changes, queries.list_payment_plan_changes)
    change_payment_plan = serves(plans.change_payment_plan, actions.change_payment_plan)
    list_instalments = serves_own(plans.list_instalments, queries.list_instalments)
    get_instalment = serves_own(plans.get_instalment, queries.get_instalment)
    cancel_subscription = serves(subscriptions.cancel_subscription, cancelling.cancel_subscription)
    let_instalments_fall_due = ticks(60, passing.let_instalments_fall_due)
    let_plans_fall_behind = ticks(60, passing.let_plans_fall_behind)
