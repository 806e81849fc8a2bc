"""The doors of the service history."""

from chassis.entrypoints import Room, serves
from contracts.contacts import history
from services.contacts.history import queries


class History(Room):
    get_service_history = serves(history.get_service_history, queries.get_service_history)
    list_courses = serves(history.list_courses, queries.list_courses)
