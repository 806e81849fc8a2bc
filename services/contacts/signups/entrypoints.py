"""The public door, and what happens behind it."""

from chassis.entrypoints import Room, hears, serves
from contracts.contacts import signups
from services.contacts.signups import actions, reactions


class Signups(Room):
    sign_up = serves(signups.sign_up, actions.sign_up)
    settle_signup = hears([signups.signup_received], reactions.settle_signup)
