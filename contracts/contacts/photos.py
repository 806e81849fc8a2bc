"""Photos of contacts: taken in as they come, kept small and without what a camera writes beside them."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.people import ContactId, PhotoShown
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import PUBLIC, Event, Id, Moment, Rpc, Schema, Text

UPLOADS = "photo-uploads"
"""Under this prefix the storage keeps what was sent, until a photo is made of it."""
LARGEST_PHOTO = 10 * 1024 * 1024


class SetPhoto(ContactId):
    file_key = Text(required=True, min=1, max=300, metadata={"description": "where the storage keeps the upload"})


class PhotoAwaited(Schema):
    """The job that makes the photo of the upload, or says why it cannot."""

    job_id = Id(required=True)


class Photo(PhotoShown):
    contact_id = Id(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    version = fields.Integer(required=True)
    changed_at = Moment(required=True)


class PhotoLink(Schema):
    token = fields.String(required=True, validate=validate.Length(max=200))


class PhotoFile(Schema):
    """Where the photo, a JPEG, lies in object storage."""

    file_key = fields.String(required=True)


set_photo = Rpc(
    "contacts", "set_photo", needs="contacts.write", takes=SetPhoto, gives=PhotoAwaited,
    raises=(NotFound, Merged, Conflict, Invalid, Stale),
    about="JPEG, PNG, WebP or GIF, judged by its content; kept as a JPEG of 1,024 pixels at most, without metadata. "
    "With If-Match it takes the place of that photo only; the job looks once more.",
)  # fmt: skip
get_photo = Rpc(
    "contacts", "get_photo", needs="contacts.read", takes=ContactId, gives=Photo, raises=(NotFound, Merged),
    writes=False,
)  # fmt: skip
remove_photo = Rpc(
    "contacts", "remove_photo", needs="contacts.write", takes=ContactId, raises=(NotFound, Merged, Conflict, Stale),
    about="Removing what is not there is harmless.",
)  # fmt: skip
view_photo = Rpc(
    "contacts", "view_photo", needs=PUBLIC, takes=PhotoLink, gives=PhotoFile, raises=(NotFound,), writes=False,
    about="By a link that was given out a moment ago; of whom it is cannot be seen from it.",
)  # fmt: skip


class PhotoTold(Schema):
    version = fields.Integer(required=True)


photo_changed = Event("contacts", "photo.changed", data=PhotoTold)
photo_removed = Event("contacts", "photo.removed", data=PhotoTold)
