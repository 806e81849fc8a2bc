"""The door of accounts."""

from chassis.entrypoints import Room
from contracts.billing import accounts
from services.billing.accounts import queries
from services.billing.own import serves_own


class Accounts(Room):
    get_account = serves_own(accounts.get_account, queries.get_account)
