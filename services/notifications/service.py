"""Notifications: the sum of its rooms."""

from chassis.service import Service
from services.acquaintance import Acquaintances
from services.notifications import settings
from services.notifications.codes.entrypoints import Codes
from services.notifications.communications.entrypoints import Communications
from services.notifications.messages.entrypoints import Messages
from services.notifications.papers.entrypoints import Papers
from services.notifications.reminders.entrypoints import Reminders
from services.notifications.templates.entrypoints import Templates

# Read now: a mail server or sender that is none stops the start, not the first letter.
settings.mail_server()
settings.mail_from()


class Notifications(Templates, Messages, Communications, Reminders, Papers, Codes, Acquaintances, Service):
    name = "notifications"
