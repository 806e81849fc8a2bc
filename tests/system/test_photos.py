"""A photo from the form to the page that shows it, over HTTP."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.builders.pictures import a_picture
from tests.builders.waiting import eventually


def sent(api, contact, upload, name="me.jpg"):
    return api.request("PUT", f"/contacts/{contact['id']}/photo", files={"file": (name, io.BytesIO(upload))})


def settled(api, answer):
    assert answer.status_code == 202, answer.text

    def job():
        told = api.get(answer.headers["Location"]).json()
        return told if told["state"] in ("done", "failed") else None

    return eventually(job)


@pytest.mark.requirement("C06", "C13")
def test_a_photo_is_made_shown_replaced_and_removed(api, a_lead_of, house):
    ada, nobody = a_lead_of(first_name="Ada").json(), api.as_nobody()
    assert api.get(f"/contacts/{ada['id']}/photo").status_code == 404
    assert settled(api, sent(api, ada, a_picture(turned=True)))["state"] == "done"
    photo = api.get(f"/contacts/{ada['id']}/profile").json()["photo"]
    assert (photo["width"], photo["height"], photo["version"]) == (512, 1024, 1)
    card = api.get(f"/contacts/{ada['id']}").json()
    assert (card["photo"]["path"], card["version"]) == (photo["path"], ada["version"] + 1)
    [listed] = api.get("/contacts", params={"q": ada["emails"][0]["value"]}).json()["items"]
    assert listed["photo"] == card["photo"]
    shown = nobody.get(f"{api.url}{photo['path']}")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(shown.content)).size == (512, 1024)
    assert b"SecretPhone" not in shown.content

    assert settled(api, sent(api, ada, a_picture("PNG", size=(40, 20))))["state"] == "done"
    replaced = api.get(f"/contacts/{ada['id']}/photo").json()
    place, late = f"/contacts/{ada['id']}/photo", {"If-Match": f'"{photo["version"]}"'}
    stale = api.request("PUT", place, files={"file": ("a.jpg", io.BytesIO(a_picture()))}, headers=late)
    assert (stale.status_code, api.request("DELETE", place, headers=late).status_code) == (412, 412)
    assert (replaced["width"], replaced["version"]) == (40, 2)
    assert nobody.get(f"{api.url}{photo['path']}").status_code == 404  # of the photo before
    assert nobody.get(f"{api.url}{replaced['path']}").status_code == 200

    assert api.request("DELETE", f"/contacts/{ada['id']}/photo").status_code == 204
    assert api.request("DELETE", f"/contacts/{ada['id']}/photo").status_code == 204
    assert nobody.get(f"{api.url}{replaced['path']}").status_code == 404
    assert api.get(f"/contacts/{ada['id']}").json()["photo"] is None
    entries = api.get(f"/contacts/{ada['id']}/timeline", params={"type": "photo"})
    assert entries.status_code == 200


@pytest.mark.requirement("C06")
def test_what_is_no_picture_is_refused_at_the_door_or_by_the_job(api, a_lead_of):
    ada = a_lead_of(first_name="Ada").json()
    refused = sent(api, ada, b"%PDF-1.7", "photo.jpg")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/file")
    damaged = settled(api, sent(api, ada, a_picture()[:3000]))
    assert (damaged["state"], damaged["error"]) == ("failed", "The picture is damaged.")
    assert api.get(f"/contacts/{ada['id']}/photo").status_code == 404
    large = sent(api, ada, a_picture("PNG", size=(64, 64)) + b"\0" * (11 * 1024 * 1024))
    assert large.status_code in (413, 422)
    place = f"/contacts/{ada['id']}/photo"
    assert api.request("PUT", place, json={}).status_code == 415
    assert api.request("PUT", place, files={"other": b"x"}).status_code == 422
    unknown = {"id": "01a20404-0000-7000-8000-00000000dead"}
    assert sent(api, unknown, a_picture()).status_code == 404
