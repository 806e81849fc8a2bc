"""What the ground hears."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears, hears_many
from contracts.billing.orders import package_ended, package_paid, package_reversed
from contracts.billing.sharing import shared_membership_joined, shared_membership_left
from contracts.contacts import bookings, locations
from contracts.contacts.settings import settings_changed
from services.contacts.contact import places, reactions

_BOOKED = [
    bookings.booking_made,
    bookings.booking_promoted,
    bookings.booking_cancelled,
    bookings.booking_rescheduled,
    bookings.booking_attended,
    bookings.booking_missed,
    bookings.booking_attendance_undone,
]


class Lifecycles(Room):
    weigh_package = hears([package_paid, package_reversed, package_ended], reactions.weigh_package)
    weigh_shared_membership = hears(
        [shared_membership_joined, shared_membership_left], reactions.weigh_shared_membership
    )  # fmt: skip
    weigh_bookings = hears_many(_BOOKED, reactions.weigh_bookings, gather=0.1)
    follow_policy = hears([settings_changed], reactions.follow_policy)
    judge_lifecycles = does("judge_lifecycles", reactions.judge_next_contacts)


class Places(Room):
    adopt_location = hears([locations.location_created, locations.location_changed], places.adopt_location)
    put_at_location = does("put_at_location", places.put_next_at_location)
