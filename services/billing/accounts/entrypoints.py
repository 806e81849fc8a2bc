"""The door of accounts."""

from chassis.entrypoints import Room, serves
from contracts.billing import accounts
from services.billing.accounts import queries


class Accounts(Room):
    get_account = serves(accounts.get_account, queries.get_account)
