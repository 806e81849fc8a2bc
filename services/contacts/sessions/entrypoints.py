"""The doors of the sessions; what changes one together with its bookings has its door with the bookings."""

from chassis.entrypoints import Room, serves
from contracts.contacts import sessions
from services.contacts.sessions import actions, queries


class Sessions(Room):
    create_session = serves(sessions.create_session, actions.create_session)
    get_session = serves(sessions.get_session, queries.get_session)
    list_sessions = serves(sessions.list_sessions, queries.list_sessions)
    create_series = serves(sessions.create_series, actions.create_series)
    get_series = serves(sessions.get_series, queries.get_series)
    list_series = serves(sessions.list_series, queries.list_series)
