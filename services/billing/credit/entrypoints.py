"""The doors of account credit."""

from chassis.entrypoints import Room, serves
from contracts.billing import credit
from services.billing.credit import actions, queries
from services.billing.own import serves_own


class AccountCredit(Room):
    get_credit = serves_own(credit.get_credit, queries.get_credit)
    grant_credit = serves(credit.grant_credit, actions.grant_credit)
    withdraw_credit = serves(credit.withdraw_credit, actions.withdraw_credit)
