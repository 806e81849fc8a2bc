"""Making a photo of an upload: in a job, since a picture takes longer to unpack than a caller should wait."""

from __future__ import annotations

import io
from typing import Any

from chassis import storage
from chassis.cpu import in_thread
from contracts.contacts import photos as published
from contracts.contacts.photos import LARGEST_PHOTO, UPLOADS
from contracts.errors import Invalid, NotFound
from services.contacts.contact.actions import hold_contact, hold_contacts, next_version, why_not_changeable
from services.contacts.contact.model import Contact
from services.contacts.photos.model import Photo
from services.contacts.photos.rules import NoPhoto, Portrait, portrait_of


def set_photo(work: Any, request: Any) -> dict[str, Any]:
    """Queue the job that looks at the upload."""
    if not storage.is_key(request.file_key) or not request.file_key.startswith(f"{UPLOADS}/"):
        raise Invalid.field("/file_key", "There is no such file.")
    contact = hold_contact(work, request.contact_id)
    work.expect(_version(work.session.get(Photo, contact.id)))
    asked = {"contact_id": contact.id, "upload": request.file_key, "in_place_of": work.expected_version}
    return {"job_id": work.start_job("photo", asked)}


def remove_photo(work: Any, request: Any) -> dict[str, Any]:
    """Take the photo away; its links end at once, its file a moment later."""
    contact = hold_contact(work, request.contact_id)
    photo = work.session.get(Photo, contact.id)
    work.expect(_version(photo))
    if photo is None or photo.file_key is None:
        return {}
    work.start_job("photo", {"contact_id": contact.id, "discard": [photo.file_key]})
    photo.file_key = None
    _changed(work, contact, photo, published.photo_removed)
    return {}


def make_photo(work: Any, job: Any) -> None:
    """First keep the photo, then throw away what it was made of and what it takes the place of.

    Killed in between, the first step writes the same file again, and the second finds nothing left to throw away.
    """
    discarded = job.checkpoint.get("discard", job.input.get("discard"))
    if discarded is not None:
        for key in discarded:
            storage.delete(key)
        job.finish() if "refused" not in job.checkpoint else job.fail(job.checkpoint["refused"])
        return
    upload = job.input["upload"]
    try:
        portrait = in_thread(portrait_of, _bytes_of(upload))
    except (NoPhoto, NotFound) as refusal:
        job.checkpoint |= {"discard": [upload], "refused": str(refusal)}
        return
    contact = hold_contacts(work, [job.input["contact_id"]]).get(job.input["contact_id"])
    problem = why_not_changeable(contact)
    if problem or contact is None:
        job.checkpoint |= {"discard": [upload], "refused": str(problem)}
        return
    expected = job.input.get("in_place_of")
    if expected is not None and expected != _version(work.session.get(Photo, job.input["contact_id"])):
        job.checkpoint |= {"discard": [upload], "refused": "Another photo was set meanwhile."}
        return
    before = _keep(work, job, contact, portrait)
    job.checkpoint |= {"discard": [upload, *([before] if before else [])]}


def _version(photo: Photo | None) -> int:
    """Of the photo as it stands; where there never was one, none."""
    return photo.version if photo else 0


def _bytes_of(key: str) -> bytes:
    with storage.open(key) as file:
        return file.read(LARGEST_PHOTO)


def _keep(work: Any, job: Any, contact: Contact, portrait: Portrait) -> str | None:
    """Put the photo in its place, and tell where the one before it lies."""
    key = storage.key_of("photos", job.id)
    storage.put(io.BytesIO(portrait.jpeg), limit=LARGEST_PHOTO, prefix="photos", key=key)
    photo = work.session.get(Photo, contact.id)
    before = photo and photo.file_key
    if photo is None:
        photo = Photo(contact_id=contact.id, version=0)
        work.session.add(photo)
    photo.file_key, photo.width, photo.height = key, portrait.width, portrait.height
    _changed(work, contact, photo, published.photo_changed)
    return before


def _changed(work: Any, contact: Contact, photo: Photo, event: Any) -> None:
    """A card shows its photo, and so is another than before as well."""
    photo.version += 1
    next_version(work, contact)
    photo.changed_at, photo.changed_by = work.now, work.actor.id
    work.record(event, photo.contact_id, version=photo.version)
