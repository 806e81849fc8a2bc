"""The doors of subscriptions."""

from chassis.entrypoints import Room, serves, ticks
from contracts.billing import subscriptions
from services.billing.own import serves_own
from services.billing.subscriptions import actions, changing, passing, queries, waiving


class Subscriptions(Room):
    list_subscriptions = serves_own(subscriptions.list_subscriptions, queries.list_subscriptions)
    get_subscription = serves_own(subscriptions.get_subscription, queries.get_subscription)
    list_subscription_changes = serves(subscriptions.list_subscription_changes, queries.list_subscription_changes)
    pause_subscription = serves(subscriptions.pause_subscription, actions.pause_subscription)
    resume_subscription = serves(subscriptions.resume_subscription, actions.resume_subscription)
    change_subscription = serves(subscriptions.change_subscription, changing.change_subscription)
    withdraw_change = serves(subscriptions.withdraw_change, changing.withdraw_change)
    withdraw_cancellation = serves(subscriptions.withdraw_cancellation, actions.withdraw_cancellation)
    list_renewals = serves_own(subscriptions.list_renewals, queries.list_renewals)
    get_renewal = serves_own(subscriptions.get_renewal, queries.get_renewal)
    waive_renewal = serves(subscriptions.waive_renewal, waiving.waive_renewal)
    pass_time = ticks(60, passing.pass_time)
