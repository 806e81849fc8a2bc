"""Files of contacts come in by the door, through a real broker into a real database."""

from __future__ import annotations

import pytest

from contracts.contacts import companies, import_results, importing, notes
from tests.service.contacts.importing_files import SAMPLES, counts, found, imported, own_tags, table


@pytest.mark.requirement("C19")
def test_the_google_export_comes_in_without_a_hand_on_it(google):
    result = counts(google)
    assert (result["created"], result["rejected"], result["blank"]) == (301, 2, 1)
    assert result["updated"] + result["unchanged"] == 24
    assert google["progress"]["total"] == google["progress"]["done"] == 328


@pytest.mark.requirement("C19")
def test_the_same_file_again_creates_nobody_and_changes_nothing(house, google):
    assert counts(imported(house, (SAMPLES / "google-contacts.csv").read_bytes())) == {
        "created": 0,
        "updated": 0,
        "unchanged": 325,
        "rejected": 2,
        "blank": 1,
    }


@pytest.mark.requirement("C04", "C06", "C07", "C08", "C15")
def test_a_row_becomes_a_whole_contact(ask, google):
    [michele] = found(ask, "michele pineau")
    assert (michele["first_name"], michele["last_name"], michele["birthday"]) == ("Michèle", "Pineau", "1951-03-28")
    [phone] = michele["phones"]
    assert (phone["value"], phone["as_typed"], phone["label"]) == ("+33684937396", "06 84 93 73 96", "mobile")
    [address] = michele["addresses"]
    assert address["primary"]
    assert (address["street"], address["city"], address["country"]) == ("21, avenue de Pinto", "Parent", "FR")
    assert (michele["acquisition"], michele["studio_controlled"]) == ("import", True)
    assert michele["source"] == "google-contacts.csv"
    assert michele["lifecycle"]["state"] == "lead"
    assert michele["assigned_to"] is None


@pytest.mark.requirement("C19", "C21")
def test_labels_become_tags_and_googles_own_does_not(ask, google):
    [jane] = found(ask, "jane.pham22@example.org")
    names = own_tags(ask, jane)
    assert names == ["Newsletter", "Yoga"]


@pytest.mark.requirement("C01", "C19", "C30")
def test_a_note_keeps_its_line_breaks_and_the_company_is_not_lost(ask, google):
    [matthieu] = found(ask, "matthieu.guillon85@mail.example.net")
    texts = {note["text"] for note in ask(notes.list_notes, contact_id=matthieu["id"])["items"]}
    assert texts == {'Injured left knee in 2024;\nprefers "slow flow" classes, mornings only'}
    [place] = ask(companies.list_companies_of_person, contact_id=matthieu["id"])["items"]
    assert place["company"]["display_name"] == "Peron"


@pytest.mark.requirement("C19")
def test_a_person_under_another_email_is_the_same_person(ask, google):
    [brent] = found(ask, "brent larson")
    assert {email["value"] for email in brent["emails"]} == {
        "brent.larson20@example.com",
        "alt.brent.larson20@example.com",
    }


@pytest.mark.requirement("C19")
def test_names_in_each_others_column_change_nothing(ask, google):
    [ross] = found(ask, "ross.smith39@example.com")
    assert (ross["first_name"], ross["last_name"]) == ("Ross", "Smith")


@pytest.mark.requirement("C19")
def test_a_formula_is_text(ask, google):
    [formula] = found(ask, "formula@example.com")
    assert formula["first_name"] == '=HYPERLINK("http://evil.example","x")'


@pytest.mark.requirement("C19")
def test_rejected_rows_say_where_and_why(ask, google):
    bad_email, bad_birthday = ask(import_results.list_rejects, import_id=google["id"])["items"]
    assert (bad_email["line"], bad_birthday["line"]) == (327, 328)
    assert bad_email["reasons"][0]["column"] == "E-mail 1 - Value"
    assert bad_birthday["reasons"] == [{"column": "Birthday", "detail": "“31/31/1990” is not a day of the calendar."}]
    assert bad_email["cells"][0] == "Broken"


@pytest.mark.requirement("C19")
def test_the_sheet_of_rejects_is_harmless_and_can_be_imported_again(house, ask, someone):
    job = imported(house, table(["First name", "Email"], [f"=cmd|{someone}", "nowhere"]))
    sheet = ask(import_results.sheet_of_rejects, import_id=job["id"])
    assert sheet["header"] == ["First name", "Email", "Line", "Reasons"]
    assert sheet["rows"][0][:3] == [f"'=cmd|{someone}", "nowhere", "2"]
    sheet["rows"][0][1] = f"{someone}@example.org"
    again = imported(house, table(sheet["header"], *sheet["rows"]))
    assert counts(again)["created"] == 1


@pytest.mark.requirement("C19")
def test_an_import_fills_what_is_empty_and_overwrites_nothing(house, ask, someone):
    address = f"{someone}@example.org"
    imported(house, table(["First name", "Email"], ["Ada", address]))
    [before] = found(ask, someone)
    more = table(
        ["First name", "Last name", "Email", "Phone", "Birthday", "Tags"],
        ["Eve", "Lovelace", address, "+44 20 7946 0958", "1990-12-10", "VIP"],
    )
    assert counts(imported(house, more))["updated"] == 1
    [after] = found(ask, someone)
    assert (after["first_name"], after["last_name"]) == ("Ada", None)
    assert (after["birthday"], after["phones"][0]["value"]) == ("1990-12-10", "+442079460958")
    assert after["version"] == before["version"] + 1
    assert counts(imported(house, more))["unchanged"] == 1


def finish_of(listener, import_id):
    """What was told of the end of that import; others may be told of late."""
    count = 1
    while (told := listener.wait_for("import.finished", seconds=20, count=count).data)["import_id"] != import_id:
        count += 1
    return told


@pytest.mark.requirement("C19")
def test_what_an_import_changes_is_announced_with_before_and_after(house, ask, subscriber, someone):
    address = f"{someone}@example.org"
    listener = subscriber("contacts.events", "#")
    first = imported(house, table(["First name", "Email"], ["Ada", address]))
    [contact] = found(ask, someone)
    created = listener.wait_for("contact.created", subject=contact["id"], seconds=20)
    assert (created.data["acquisition"], created.data["entered_as"]) == ("import", "lead")
    rows = table(["First name", "Email", "Birthday", "Tags"], ["Ada", address, "1990-12-10", "Early bird"])
    second = imported(house, rows)
    [contact] = found(ask, someone)
    changed = listener.wait_for("contact.changed", subject=contact["id"], seconds=20)
    assert changed.data["changes"] == {"birthday": {"before": None, "after": "1990-12-10"}}
    assert changed.data["version"] == contact["version"]
    finished = [finish_of(listener, job["id"]) for job in (first, second)]
    assert [(one["created"], one["updated"]) for one in finished] == [(1, 0), (0, 1)]
    tagged = [one.data for one in listener.of("contact.tagged", subject=contact["id"]) if not one.data.get("system")]
    assert [tag["tag"] for tag in tagged] == ["Early bird"]


@pytest.mark.requirement("C04", "C19")
def test_the_day_of_becoming_a_customer_is_brought_along(house, ask, someone):
    imported(
        house, table(["Name", "Email", "Client since"], ["Grande, Julieta", f"{someone}@example.org", "2019-01-22"])
    )
    [julieta] = found(ask, someone)
    assert julieta["customer_since"] == "2019-01-22"
    assert (julieta["first_name"], julieta["last_name"]) == ("Julieta", "Grande")
    assert julieta["created_at"] > "2026"


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("mode", "outcomes"),
    [
        ("create", {"created": 1, "updated": 0, "unchanged": 1, "rejected": 0, "blank": 0}),
        ("update", {"created": 0, "updated": 1, "unchanged": 0, "rejected": 1, "blank": 0}),
        ("both", {"created": 1, "updated": 1, "unchanged": 0, "rejected": 0, "blank": 0}),
    ],
)
def test_the_mode_says_whom_an_import_may_touch(house, someone, mode, outcomes):
    imported(house, table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    rows = table(
        ["First name", "Email", "Birthday"],
        ["Ada", f"{someone}@example.org", "1990-12-10"],
        ["Bob", f"bob.{someone}@example.org", ""],
    )
    assert counts(imported(house, rows, mode=mode)) == outcomes


@pytest.mark.requirement("C19")
def test_a_phone_makes_the_same_person_only_when_asked(house, someone):
    number = f"+1 415 98{int(someone[1:], 16) % 100000:05d}"
    imported(house, table(["First name", "Phone"], [f"Ada{someone}", number]))
    other = table(["First name", "Phone"], [f"Bob{someone}", number])
    assert counts(imported(house, other, match_on=["phone"]))["unchanged"] == 1
    assert counts(imported(house, other))["created"] == 1


@pytest.mark.requirement("C19")
def test_matching_by_phone_enters_nobody_twice_who_has_none(house, someone):
    file = f"First name,Last name,Email,Phone\nAda,{someone},{someone}@example.org,\n".encode()
    assert counts(imported(house, file, match_on=["phone"]))["created"] == 1
    assert counts(imported(house, file, match_on=["phone"]))["unchanged"] == 1


@pytest.mark.requirement("C19")
def test_people_with_nothing_but_a_name_are_not_doubled(house, someone):
    rows = table(["First name", "Last name"], ["Ada", someone], [someone, "Ada"])
    assert counts(imported(house, rows)) == {"created": 1, "updated": 0, "unchanged": 1, "rejected": 0, "blank": 0}
    assert counts(imported(house, rows))["unchanged"] == 2


@pytest.mark.requirement("C19")
def test_columns_can_be_mapped_by_hand(house, ask, someone):
    job = imported(
        house,
        table(["Wer", "Wo", "Was"], [f"Ada {someone}", f"{someone}@example.org", "secret"]),
        mapping={"Wer": "full_name", "Wo": "email", "Was": "-"},
    )
    assert counts(job)["created"] == 1
    assert ask(importing.get_import, import_id=job["id"])["columns"] == {
        "Wer": "full_name",
        "Wo": "email at 1",
        "Was": None,
    }


def test_steps_that_end_with_the_file_end_the_import(house, someone):
    assert counts(imported(house, b"Email\n"))["created"] == 0
    thousand = table(["Email"], *([f"{someone}.{n}@example.org"] for n in range(1000)))
    assert counts(imported(house, thousand))["created"] == 1000
