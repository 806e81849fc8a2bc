"""Columns tell by their header what they hold."""

import pytest

from contracts.contacts.importing import meanings
from services.contacts.importing.rules.columns import Column, column_of, columns_of
from services.contacts.importing.rules.exports import export_of, tags_in
from services.contacts.importing.rules.layout import Layout

EXPORTS = {
    "Outlook": (
        ["First Name", "Last Name", "Company", "Job Title", "Home Street", "Home City", "Home Postal Code",
         "Home Country/Region", "Mobile Phone", "Home Phone", "E-mail Address", "E-mail 2 Address", "Birthday",
         "Categories", "Notes", "Spouse"],
        ["first_name", "last_name", "company", "job", "address home street", "address home city",
         "address home postal_code", "address home country", "phone mobile", "phone home", "email", "email 2",
         "birthday", "tags", "note", None],
    ),
    "HubSpot": (
        ["Record ID", "First Name", "Last Name", "Email", "Phone Number", "Street Address", "City", "State/Region",
         "Postal Code", "Country/Region", "Company name", "Contact owner"],
        ["external_id", "first_name", "last_name", "email", "phone", "address street", "address city", "address region",
         "address postal_code", "address country", "company", None],
    ),
    "Mailchimp": (
        ["Email Address", "First Name", "Last Name", "Address", "Phone Number", "Birthday", "MEMBER_RATING", "TAGS"],
        ["email", "first_name", "last_name", "address street", "phone", "birthday", None, "tags"],
    ),
    "Outlook in German": (
        ["Vorname", "Nachname", "Firma", "Straße privat", "Ort privat", "Postleitzahl privat", "Land/Region privat",
         "Telefon geschäftlich", "Mobiltelefon", "E-Mail-Adresse", "E-Mail 2: Adresse", "E-Mail 2: Angezeigter Name",
         "Geburtstag", "Kategorien", "Notizen"],
        ["first_name", "last_name", "company", "address home street", "address home city", "address home postal_code",
         "address home country", "phone business", "phone mobile", "email", "email 2", None, "birthday", "tags",
         "note"],
    ),
    "a studio": (
        ["ID", "Client", "Email", "Mobile Phone", "Birthdate", "Gender", "Address", "City", "Postal Code", "Country",
         "Client Since"],
        ["external_id", "full_name", "email", "phone mobile", "birthday", "gender", "address street", "address city",
         "address postal_code", "address country", "customer_since"],
    ),
    "another studio": (
        ["Client", "Client ID", "E-mail", "Cell Phone", "Birthday", "Membership", "Account Balance"],
        ["full_name", "external_id", "email", "phone mobile", "birthday", "in_note", "in_note"],
    ),
    "a studio with sources": (
        ["Name", "Email", "Member Since", "Lead Source", "Original Source"],
        ["full_name", "email", "customer_since", "source", None],
    ),
    "a studio that says in which order": (
        ["Client ID", "Last Name, First Name", "Email", "First Visit"],
        ["external_id", "full_name", "email", "in_note"],
    ),
}  # fmt: skip


@pytest.mark.requirement("C19")
@pytest.mark.parametrize("system", EXPORTS)
def test_common_exports_map_without_touching_anything(system):
    headers, fields = EXPORTS[system]
    columns = Layout(header=tuple(headers)).columns({})
    assert [str(column) if column else None for column in columns] == fields


@pytest.mark.parametrize("header", ["", "1", "Type", "File As", "Photo", "xyzzy", "value", "email opt out reason"])
def test_what_is_not_known_is_not_guessed(header):
    assert column_of(header) is None


def test_two_columns_of_one_name_are_both_read_where_a_contact_can_have_two():
    email, other, first, second = columns_of(["Email", "Email", "First name", "First name"], {})
    assert email != other
    assert (other.field, first.field, second) == ("email", "first_name", None)


def test_a_hand_beats_the_header():
    assert columns_of(["Heard of us"], meanings().deserialize({"Heard of us": "source"})) == [Column("source")]
    assert columns_of(["Email", "Name"], {"Email": "note", "Name": "-"}) == [Column("note"), None]


@pytest.mark.requirement("C19", "C21")
@pytest.mark.parametrize(
    ("headers", "cell", "tags"),
    [
        (["E-mail 1 - Value", "Labels"], "* myContacts ::: Yoga, hot ::: * Friends", ["Yoga, hot", "Friends"]),
        (["E-mail Address", "Categories"], "Yoga;VIP", ["Yoga", "VIP"]),
        (["Email", "Tags"], 'Yoga, "VIP" ,', ["Yoga", "VIP"]),
    ],
    ids=["google", "outlook", "plain"],
)
def test_each_export_has_its_way_with_several_tags(headers, cell, tags):
    assert tags_in(cell, export_of(headers)) == tags
