"""The doors of outside schedulers."""

from chassis.entrypoints import Room, serves
from contracts.contacts import schedulers
from services.contacts.schedulers.actions import writing


class Schedulers(Room):
    put_session = serves(schedulers.put_session, writing.put_session)
    put_booking = serves(schedulers.put_booking, writing.put_booking)
    write_batch = serves(schedulers.write_batch, writing.write_batch)
