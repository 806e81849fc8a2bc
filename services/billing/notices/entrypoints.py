"""The doors of notices."""

from chassis.entrypoints import Room, serves, ticks
from contracts.billing import notices
from services.billing.notices import actions


class Notices(Room):
    hear_provider = serves(notices.hear_provider, actions.hear_provider)
    answer_test_bank = serves(notices.answer_test_bank, actions.answer_test_bank)
    forget_old_notices = ticks(3600, actions.forget_old_notices)
