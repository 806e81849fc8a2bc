"""Where a photo is to be seen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chassis.config import settings
from contracts.errors import NotFound
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import known_contact
from services.contacts.photos.model import Photo
from services.contacts.photos.rules import link_token, link_until, opened_by


def get_photo(work: Any, request: Any) -> dict[str, Any]:
    """Give a link to the photo that anybody can follow for a while."""
    photo = work.session.get(Photo, known_contact(work, request.contact_id))
    if photo is None or photo.file_key is None:
        raise NotFound("This contact has no photo.")
    kept = {name: getattr(photo, name) for name in ("contact_id", "width", "height", "version", "changed_at")}
    return kept | link_to(photo.contact_id, photo.version, work.now)


def link_to(contact_id: str, version: int, now: dt.datetime) -> dict[str, Any]:
    """A link to this version of a contact's photo, and until when it works."""
    until = link_until(now)
    token = link_token(settings().secret, contact_id, version, until)
    return {"path": f"/v1/public/photos/{token}", "expires_at": until}


def view_photo(work: Any, request: Any) -> dict[str, Any]:
    """Tell where the photo lies that a link opens; a photo that was changed or removed has no link any more."""
    opened = opened_by(settings().secrets, request.token, work.now)
    photo = opened and work.session.get(Photo, opened[0])
    if not opened or photo is None or photo.file_key is None or photo.version != opened[1]:
        raise NotFound("This link does not work, or works no longer.")
    if work.session.get_one(Contact, photo.contact_id).standing == "merged":
        raise NotFound("This link does not work, or works no longer.")
    return {"file_key": photo.file_key}
