"""What a file says beside the card has its place: whom to call, consent, and what only a note can keep."""

from __future__ import annotations

import pytest

from contracts.contacts import (
    companies,
    consent,
    custom_fields,
    emergency,
    import_previews,
    import_results,
    importing,
    notes,
    people,
    referrals,
)
from tests.service.contacts.importing_files import SAMPLES, counts, ended, found, imported, stored, table

STUDIO = (SAMPLES / "studio-clients.xlsx").read_bytes()
HEADER = ["First name", "Email", "Emergency Contact", "Emergency Phone", "Marketing Emails", "Opt-in date",
          "Referred By"]  # fmt: skip


def whom(ask, contact):
    return ask(emergency.list_emergency_contacts, contact_id=contact["id"])["items"]


def ledger(ask, contact, about="marketing"):
    entries = ask(consent.list_consents, contact_id=contact["id"], about=about)["items"]
    return [(one["channel"], one["granted"], one["said_at"][:10], one["source"], one["how"]) for one in entries]


def texts(ask, contact):
    return [note["text"] for note in ask(notes.list_notes, contact_id=contact["id"])["items"]]


@pytest.mark.requirement("C09", "C10", "C19")
def test_nothing_of_a_studios_client_list_is_lost(house, ask, google):
    begun = ask(importing.start_import, file_key=stored(house, STUDIO), file_name="studio.xlsx", preview=True)
    ended(house, begun["job_id"])
    columns = ask(import_previews.preview_import, import_id=begun["id"])["columns"]
    going = {column["header"]: column["goes_to"] for column in columns}
    assert "left out" not in going.values()
    assert going["Balance"] == "a note, as “Balance: …”"
    assert going["Emergency Phone"] == "the emergency contact's phone"
    offered = {column["header"]: column["custom_field"]["type"] for column in columns if column["custom_field"]}
    assert offered == {"Membership": "text", "Expires": "date", "Last Visit": "date", "# Visits": "number",
                       "Balance": "number"}  # fmt: skip
    imported(house, STUDIO, name="studio.xlsx")
    [azeglio] = found(ask, "azeglio.bixio72@example.org")
    [called] = whom(ask, azeglio)
    assert (called["name"], called["phones"][0]["value"]) == ("Dr. Mark Ramirez", "+14159315963")
    [(channel, granted, _, source, how)] = ledger(ask, azeglio)
    assert (channel, granted, source) == ("email", True, "import")
    assert how.startswith("file studio")
    kept = "Membership: Gold Unlimited\nExpires: 2027-02-11\nLast Visit: 2026-05-07\n# Visits: 5\nBalance: -85.5"
    assert kept in texts(ask, azeglio)
    [julieta] = found(ask, "julieta.grande56@example.org")  # "617.898.6747" is a number neither in Spain nor here
    assert (whom(ask, julieta), "Emergency contact: Diane Whitaker, 617.898.6747" in texts(ask, julieta)) == ([], True)
    assert counts(imported(house, STUDIO))["unchanged"] == 180


@pytest.mark.requirement("C09", "C10", "C19")
def test_whom_to_call_and_consent_are_taken_back_with_the_import(house, ask, someone):
    imported(house, table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    [ada] = found(ask, someone)
    job = imported(
        house,
        table(HEADER, ["Ada", f"{someone}@example.org", "Bob Byron", "+44 20 7946 0958", "Yes", "2025-03-01", "Eve"]),
    )
    [row] = ask(import_results.list_import_rows, import_id=job["id"])["items"]
    assert (row["outcome"], row["changes"]) == ("updated", None)
    assert (row["added"]["emergency_contacts"], row["added"]["marketing"]) == (["Bob Byron"], ["email: yes"])
    assert (texts(ask, ada), ledger(ask, ada)[0][:3]) == (["Referred By: Eve"], ("email", True, "2025-03-01"))
    assert ledger(ask, ada, "emergency_contacts")[0][3] == "import"
    undo = ended(house, ask(import_results.undo_import, import_id=job["id"])["job_id"])
    assert undo["result"] == {"archived": 0, "restored": 1, "left": 0}
    assert (whom(ask, ada), texts(ask, ada)) == ([], [])
    assert [line[1] for line in ledger(ask, ada)] == [False, True]
    verdict = ask(consent.may_send, contact_id=ada["id"], channel="email", purpose="marketing")
    assert not verdict["allowed"]


@pytest.mark.requirement("C09", "C19")
def test_what_somebody_said_later_holds_and_undoing_says_it_again(house, ask, someone):
    header = ["First name", "Email", "Marketing Emails", "Opt-in date"]

    def say(word, day):
        job = imported(house, table(header, ["Ada", f"{someone}@example.org", word, day]))
        return job, ask(import_results.list_import_rows, import_id=job["id"])["items"][0]

    say("yes", "2024-05-01")
    [ada] = found(ask, someone)
    _, earlier = say("no", "2023-01-01")
    assert earlier["not_taken"] == [{"field": "marketing.email", "kept": True, "given": False}]
    refusal, _ = say("unsubscribed", "")
    _, undated = say("yes", "")
    assert (undated["outcome"], undated["not_taken"][0]["given"]) == ("unchanged", True)
    assert [line[1] for line in ledger(ask, ada)] == [False, True]
    ended(house, ask(import_results.undo_import, import_id=refusal["id"])["job_id"])
    assert next(line[1:3] for line in ledger(ask, ada)) == (True, "2024-05-01")


@pytest.mark.requirement("C09", "C19")
def test_who_unsubscribed_elsewhere_is_sent_nothing_here(house, ask, someone):
    header = ["Email Address", "MEMBER_RATING", "OPTIN_TIME", "TAGS"]
    row = [f"{someone}@example.org", "2", "2020-01-02 10:11:12", ""]
    imported(house, table(header, row), name="subscribed.csv")
    [ada] = found(ask, someone)
    assert ledger(ask, ada) == [("email", True, "2020-01-02", "import", "file subscribed.csv")]
    imported(house, table([*header, "UNSUB_TIME"], [*row, "2025-03-04 10:11:12"]), name="unsubscribed.csv")
    assert ledger(ask, ada)[0] == ("email", False, "2025-03-04", "import", "file unsubscribed.csv")
    assert not ask(consent.may_send, contact_id=ada["id"], channel="email", purpose="marketing")["allowed"]


@pytest.mark.requirement("C11", "C19")
def test_a_custom_field_made_from_the_preview_takes_the_column(house, ask, someone):
    header = ["ID", "Client", "Email", f"Balance {someone}"]
    key = stored(house, table(header, ["7", f"{someone}, Ada", f"{someone}@example.org", "-85.5"]))
    begun = ask(importing.start_import, file_key=key, file_name="p.csv", preview=True)
    ended(house, begun["job_id"])
    offered = ask(import_previews.preview_import, import_id=begun["id"])["columns"][3]["custom_field"]
    made = ask(custom_fields.create_custom_field, **offered)
    again = ask(import_previews.correct_import, import_id=begun["id"])
    ended(house, again["job_id"])
    column = ask(import_previews.preview_import, import_id=begun["id"])["columns"][3]
    assert (column["goes_to"], column["custom_field"]) == (f"your field “{made['label']}”", None)
    ended(house, ask(import_previews.start_previewed_import, import_id=begun["id"])["job_id"])
    [ada] = found(ask, someone)
    assert ask(people.get_contact, contact_id=ada["id"])["fields"] == {made["key"]: -85.5}


@pytest.mark.requirement("C01", "C19")
def test_a_person_belongs_to_the_company_that_is_a_contact_here(house, ask, someone):
    header = ["First name", "Last name", "Email", "Company", "Job title"]
    acme = f"Äcme {someone}"
    first = imported(house, table(["Company", "Email"], [acme, f"office.{someone}@example.org"]))
    [company] = found(ask, f"office.{someone}")
    file = table(
        header,
        ["Ada", someone, f"ada.{someone}@example.org", f"acme {someone}", "Director"],
        ["Bob", someone, f"bob.{someone}@example.org", f"Elsewhere {someone}", ""],
    )
    job = imported(house, file, companies="find")
    [ada], [bob] = found(ask, f"ada.{someone}"), found(ask, f"bob.{someone}")
    [place] = ask(companies.list_companies_of_person, contact_id=ada["id"])["items"]
    assert (place["company"]["id"], place["title"], place["primary"]) == (company["id"], "Director", True)
    assert (texts(ask, ada), texts(ask, bob)) == (["Job title: Director"], [f"Company: Elsewhere {someone}"])
    assert counts(imported(house, file, companies="find"))["unchanged"] == 2
    undo = ended(house, ask(import_results.undo_import, import_id=job["id"])["job_id"])
    assert undo["result"] == {"archived": 2, "restored": 0, "left": 0}
    assert ask(companies.list_people_of_company, company_id=company["id"])["items"] == []
    undo = ended(house, ask(import_results.undo_import, import_id=first["id"])["job_id"])
    assert undo["result"] == {"archived": 1, "restored": 0, "left": 0}


@pytest.mark.requirement("C19", "C29")
def test_who_referred_somebody_is_a_referral_where_it_is_found_without_doubt(house, ask, someone):
    """By code, e-mail or name; here already, or before or after in the same file; two of a name are a doubt."""
    host, twin = f"host.{someone}@example.org", f"twin.{someone}"
    header = ["First name", "Last name", "Email", "Referred by"]
    first = table(header[:3], ["Host", someone, host], *(["Twin", someone, f"{twin}{n}@example.org"] for n in "12"))
    known = imported(house, first)
    [hosting] = found(ask, host)
    code = ask(referrals.make_referral_code, contact_id=hosting["id"])["code"]
    said = {"a": code.lower(), "b": f" {host.upper()}", "c": f"{someone.upper()}, Hóst", "d": f"Eve {someone}",
            "e": "", "f": f"Twin {someone}", "g": "Nobody at all", "h": f"h.{someone}@example.org"}  # fmt: skip
    names = {letter: "Eve" if letter == "e" else letter for letter in said}
    rows = [[names[one], someone, f"{one}.{someone}@example.org", words] for one, words in said.items()]
    file = table(header, *rows)
    job = imported(house, file)
    [eve] = found(ask, f"e.{someone}")

    def brought(contact):
        listed = ask(referrals.list_referrals, contact_id=contact["id"])["items"]
        assert {one["via"] for one in listed} <= {"import"}
        return {one["referred"]["display_name"].split()[0] for one in listed}

    assert (brought(hosting), brought(eve)) == ({"a", "b", "c"}, {"d"})
    unclear = {"f": "Referred by: " + said["f"], "g": "Referred by: Nobody at all", "h": "Referred by: " + said["h"]}
    for one in said:
        [contact] = found(ask, f"{one}.{someone}@example.org")
        assert texts(ask, contact) == ([unclear[one]] if one in unclear else [])
    told = ask(import_results.list_import_rows, import_id=job["id"])["items"]
    remarks = {row["line"]: " ".join(one["detail"] for one in row["remarks"]) for row in told}
    doubted = [line for line, words in remarks.items() if "without doubt" in words]
    assert sorted(doubted) == [7, 8, 9]
    assert counts(imported(house, file))["unchanged"] == len(said)
    undo = ended(house, ask(import_results.undo_import, import_id=job["id"])["job_id"])
    assert undo["result"] == {"archived": len(said), "restored": 0, "left": 0}
    assert brought(hosting) == set()
    assert known["state"] == "done"
