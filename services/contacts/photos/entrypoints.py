"""The doors of photos."""

from chassis.entrypoints import Room, does, serves
from contracts.contacts import photos
from services.contacts.photos import actions, queries


class Photos(Room):
    set_photo = serves(photos.set_photo, actions.set_photo)
    get_photo = serves(photos.get_photo, queries.get_photo)
    remove_photo = serves(photos.remove_photo, actions.remove_photo)
    view_photo = serves(photos.view_photo, queries.view_photo)
    make_photo = does("photo", actions.make_photo)
