"""The sum of billing's rooms."""

from chassis.service import Service
from services.billing.accounts.entrypoints import Accounts
from services.billing.addressees.entrypoints import Addressees
from services.billing.archiving.entrypoints import Archiving
from services.billing.assignments.entrypoints import Assignments
from services.billing.cards_on_file.entrypoints import CardsOnFile
from services.billing.closing.entrypoints import Closing
from services.billing.credit.entrypoints import AccountCredit
from services.billing.credit_notes.entrypoints import CreditNotes
from services.billing.invoices.entrypoints import Invoices
from services.billing.notices.entrypoints import Notices
from services.billing.orders.entrypoints import Orders
from services.billing.packages.entrypoints import Packages
from services.billing.papers.entrypoints import Papers
from services.billing.payments.entrypoints import Payments
from services.billing.plans.entrypoints import PaymentPlans
from services.billing.promo_codes.entrypoints import PromoCodes
from services.billing.rewards.entrypoints import Rewards
from services.billing.sharing.entrypoints import Sharing
from services.billing.subscriptions.entrypoints import Subscriptions
from services.billing.taxes.entrypoints import Taxes


class Billing(
    Taxes,
    Packages,
    PromoCodes,
    CardsOnFile,
    Invoices,
    CreditNotes,
    Assignments,
    Subscriptions,
    PaymentPlans,
    Sharing,
    Orders,
    Payments,
    Closing,
    AccountCredit,
    Rewards,
    Notices,
    Papers,
    Accounts,
    Archiving,
    Addressees,
    Service,
):
    name = "billing"
