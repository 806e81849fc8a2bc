"""The files that people really have: what becomes of them when nobody touches anything."""

from __future__ import annotations

import pytest

from contracts.contacts import external_ids, importing, notes
from tests.builders import exports
from tests.service.contacts.importing_files import SAMPLES, counts, found, imported, own_tags

STUDIO = (SAMPLES / "studio-clients.xlsx").read_bytes()


def texts_of(ask, contact):
    return {note["text"] for note in ask(notes.list_notes, contact_id=contact["id"])["items"]}


@pytest.mark.requirement("C04", "C19")
def test_a_studios_client_list_comes_in_without_a_hand_on_it(house, ask, google):
    job = imported(house, STUDIO, name="studio-clients.xlsx")
    result = counts(job)
    assert result["created"] + result["updated"] + result["unchanged"] == 180
    assert result["rejected"] == 0
    [julieta] = found(ask, "julieta.grande56@example.org")
    assert (julieta["first_name"], julieta["last_name"]) == ("Julieta", "Grande")
    assert (julieta["birthday"], julieta["customer_since"]) == ("1971-08-02", "2022-01-19")
    [external] = ask(external_ids.list_external_ids, contact_id=julieta["id"])["items"]
    assert (external["system"], external["value"]) == ("client list", "100000")
    told = ask(importing.get_import, import_id=job["id"])
    assert (told["layout"]["format"], told["layout"]["header_row"], told["layout"]["rows"]) == ("xlsx", 2, 180)
    assert told["unmapped"] == []
    assert counts(imported(house, STUDIO))["unchanged"] == 180


@pytest.mark.requirement("C07", "C08", "C19")
def test_outlook_in_german(house, ask, someone):
    assert counts(imported(house, exports.outlook(someone), region="DE"))["created"] == 2
    [zoe] = found(ask, f"zoe {someone}")
    assert (zoe["last_name"], zoe["birthday"]) == (f"Größer{someone}", "1980-05-14")
    assert {(phone["value"], phone["label"]) for phone in zoe["phones"]} == {
        ("+492214710899", "home"),
        ("+4915169371955", "mobile"),
    }
    [address] = zoe["addresses"]
    assert (address["street"], address["city"], address["country"], address["label"]) == (
        "Königstraße 1", "Köln", "DE", "home",
    )  # fmt: skip
    assert (own_tags(ask, zoe), texts_of(ask, zoe)) == (["Früh", "Yoga"], {"Knie; links"})
    [shop] = found(ask, f"blumen {someone}")
    assert (shop["kind"], shop["name"], shop["gender"]) == ("company", f"Blumen Süß {someone}", None)


@pytest.mark.requirement("C07", "C19")
def test_hubspot_in_utf16_with_tabs(house, ask, someone):
    assert counts(imported(house, exports.hubspot(someone)))["created"] == 2
    [lukasz] = found(ask, f"lukasz.{someone}")
    assert (lukasz["first_name"], lukasz["last_name"]) == ("Łukasz", f"Żak{someone}")
    assert {phone["value"] for phone in lukasz["phones"]} == {"+48226222333", "+48601222333"}
    [external] = ask(external_ids.list_external_ids, contact_id=lukasz["id"])["items"]
    assert (external["system"], external["value"]) == ("hubspot", f"51{someone}")
    again = exports.hubspot(someone).decode("utf-16").replace("@example.org", "@elsewhere.example.org")
    assert counts(imported(house, again.encode("utf-16")))["updated"] == 2


@pytest.mark.requirement("C19")
def test_mailchimps_audience(house, ask, someone):
    job = imported(house, exports.mailchimp(someone))
    assert counts(job)["created"] == 1
    [grace] = found(ask, someone)
    assert (grace["emails"][0]["value"], grace["birthday"]) == (f"Grace.{someone}@Example.org", None)
    assert own_tags(ask, grace) == ["Newsletter", "VIP, gold"]
    assert texts_of(ask, grace) == {"Birthday: 12/09"}
    assert {"REGION", "CC", "LATITUDE", "OPTIN_IP"} <= set(ask(importing.get_import, import_id=job["id"])["unmapped"])


@pytest.mark.requirement("C19")
@pytest.mark.parametrize("write", [exports.as_xlsx, exports.as_xls, exports.as_ods], ids=["xlsx", "xls", "ods"])
def test_a_client_list_in_every_kind_of_workbook(house, ask, someone, write):
    job = imported(house, write(exports.clients(someone)), name="clients.csv", external_system=f"old {someone}")
    assert counts(job)["created"] == 2, job
    [piet] = found(ask, f"piet.{someone}")
    assert (piet["first_name"], piet["last_name"]) == ("Piet", f"van der Berg{someone}")
    assert (piet["birthday"], piet["customer_since"]) == ("1980-01-01", "2021-09-25")
    assert piet["phones"][0]["value"] == "+31206241111"
    values = {one["value"] for one in ask(external_ids.list_external_ids, system=f"old {someone}")["items"]}
    assert values == {"100001", "100002"}


@pytest.mark.requirement("C07", "C19")
def test_vcards_of_every_version(house, ask, someone):
    assert counts(imported(house, exports.vcards(someone), name="contacts.vcf"))["created"] == 3
    [joerg] = found(ask, f"joerg.{someone}")
    assert (joerg["first_name"], joerg["last_name"], joerg["birthday"]) == (
        "Jörg Peter",
        f"Müller{someone}",
        "1980-05-14",
    )
    assert [(one["value"], one["label"]) for one in joerg["emails"]] == [
        (f"joerg.{someone}@example.org", "home"),
        (f"jm.{someone}@work.example.org", "work"),
    ]
    assert joerg["phones"][0]["value"] == "+4915169371955"
    assert joerg["addresses"][0]["country"] == "DE"
    assert own_tags(ask, joerg) == ["VIP", "Yoga"]
    assert "Line one\nLine two, with a comma that is so long that it had to be folded" in texts_of(ask, joerg)
    [jozef] = found(ask, f"jozef.{someone}")
    assert (jozef["first_name"], jozef["last_name"], jozef["birthday"]) == ("Józef", f"Żółć{someone}", "1975-03-01")
    assert texts_of(ask, jozef) == {"knee\nshoulder"}
    [studio] = found(ask, f"blue.{someone}")
    assert (studio["kind"], studio["phones"][0]["value"]) == ("company", "+442079460958")
