"""The doors of the bookings, and of sessions where their bookings change with them."""

from chassis.entrypoints import Room, does, serves, ticks
from contracts.contacts import bookings, sessions
from services.contacts.bookings import queries
from services.contacts.bookings.actions import attending, booking, leaving, series, sessions as together


class Bookings(Room):
    book = serves(bookings.book, booking.book)
    book_group = serves(bookings.book_group, booking.book_group)
    reschedule_booking = serves(bookings.reschedule_booking, booking.reschedule_booking)
    rebook = serves(bookings.rebook, booking.rebook)
    cancel_booking = serves(bookings.cancel_booking, booking.cancel_booking)
    check_in = serves(bookings.check_in, attending.check_in)
    undo_check_in = serves(bookings.undo_check_in, attending.undo_check_in)
    mark_missed = serves(bookings.mark_missed, attending.mark_missed)
    get_booking = serves(bookings.get_booking, queries.get_booking)
    list_bookings = serves(bookings.list_bookings, queries.list_bookings)
    list_contact_bookings = serves(bookings.list_contact_bookings, queries.list_bookings)
    list_roster = serves(bookings.list_roster, queries.list_roster)
    change_session = serves(sessions.change_session, together.change_session)
    cancel_session = serves(sessions.cancel_session, together.cancel_session)
    change_series = serves(sessions.change_series, series.change_series)
    follow_sessions = does(together.FOLLOW, together.follow_sessions)
    leave_lines = does(leaving.LEAVE, leaving.leave_next_lines)
    close_sessions = ticks(30, attending.close_sessions)
