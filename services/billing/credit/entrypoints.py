"""The doors of account credit."""

from chassis.entrypoints import Room, serves
from contracts.billing import credit
from services.billing.credit import actions, queries


class AccountCredit(Room):
    get_credit = serves(credit.get_credit, queries.get_credit)
    grant_credit = serves(credit.grant_credit, actions.grant_credit)
    withdraw_credit = serves(credit.withdraw_credit, actions.withdraw_credit)
