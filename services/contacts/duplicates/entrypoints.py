"""The doors of likely duplicates."""

from chassis.entrypoints import Room, serves
from contracts.contacts import duplicates
from services.contacts.duplicates import queries


class Duplicates(Room):
    find_likely_duplicates = serves(duplicates.find_likely_duplicates, queries.find_likely_duplicates)
    list_likely_duplicates = serves(duplicates.list_likely_duplicates, queries.list_likely_duplicates)
