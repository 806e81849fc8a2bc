"""The doors of payments."""

from chassis.entrypoints import Room, errands, serves, ticks
from contracts.billing import payments
from services.billing.own import serves_own
from services.billing.payments import actions, asking, charging, collecting, lapsing, queries, refunding, renewing


class Payments(Room):
    take_payment = serves_own(payments.take_payment, actions.take_payment)
    pay_renewal = serves_own(payments.pay_renewal, actions.pay_renewal)
    pay_instalment = serves_own(payments.pay_instalment, actions.pay_instalment)
    pay_off_plan = serves_own(payments.pay_off_plan, actions.pay_off_plan)
    authenticate_payment = serves_own(payments.authenticate_payment, charging.authenticate_payment)
    cancel_payment = serves_own(payments.cancel_payment, charging.cancel_payment)
    approve_payment = serves(payments.approve_payment, actions.approve_payment)
    reject_payment = serves(payments.reject_payment, actions.reject_payment)
    refund_payment = serves(payments.refund_payment, refunding.refund_payment)
    refund_order = serves(payments.refund_order, refunding.refund_order)
    get_payment = serves_own(payments.get_payment, queries.get_payment)
    list_payments = serves_own(payments.list_payments, queries.list_payments)
    let_transfers_lapse = ticks(60, lapsing.let_transfers_lapse)
    settle_charges = errands(charging.claim_unanswered, charging.ask_again, charging.settle_unanswered)
    settle_refunds = errands(refunding.claim_unanswered, refunding.ask_again, refunding.settle_unanswered)
    charge_renewals = errands(renewing.claim, asking.ask, renewing.settle)
    charge_instalments = errands(collecting.claim, asking.ask, collecting.settle)
