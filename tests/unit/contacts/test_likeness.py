"""Who might be one person, and why: a table of cases, each with the reason beside it."""

import datetime as dt

import pytest

from services.contacts.card.rules import Card, read_card
from services.contacts.duplicates.rules import SHOWN_FROM, likeness

TODAY = dt.date(2026, 11, 22)


def a_card(first="", last="", *, email=None, phone=None, born=None, street=None, code="SW1A 1AA", **more) -> Card:
    given = {
        "first_name": first,
        "last_name": last,
        "emails": [{"value": email}] if email else [],
        "phones": [{"value": phone}] if phone else [],
        "addresses": [{"street": street, "city": "London", "postal_code": code}] if street else [],
        **more,
    }
    if born:
        given["birthday"] = dt.date.fromisoformat(born)
    return read_card(given, region="GB", today=TODAY)


ADA = {"first": "Ada", "last": "Lovelace"}
CASES = [
    ("the same address", {**ADA, "email": "ada@example.com"}, {"first": "A.", "email": "ADA@example.com"}, 1, 1),
    ("the same phone and name", {**ADA, "phone": "07700 900111"}, {**ADA, "phone": "+447700900111"}, 1, 1),
    ("one name is not yet one person, but worth a look", ADA, ADA, 0.4, 0.5),
    ("nor are two names alike", {"first": "Jon", "last": "Smith"}, {"first": "John", "last": "Smith"}, 0.3, 0.45),
    ("short for it, at one phone", {"first": "Liz", "last": "Smith", "phone": "07700 900111"},
     {"first": "Elizabeth", "last": "Smith", "phone": "07700 900111"}, 0.6, 0.9),
    ("name and birthday", {**ADA, "born": "1990-02-01"}, {**ADA, "born": "1990-02-01"}, 0.7, 0.8),
    ("first and last the other way round", {**ADA, "born": "1990-02-01"},
     {"first": "Lovelace", "last": "Ada", "born": "1990-02-01"}, 0.7, 0.8),
    ("day and month the other way round", {**ADA, "born": "1990-02-01"}, {**ADA, "born": "1990-01-02"}, 0.5, 0.7),
    ("written as it sounds", {"first": "Kathryn", "last": "Meyer", "born": "1990-02-01"},
     {"first": "Catherine", "last": "Maier", "born": "1990-02-01"}, 0.5, 0.75),
    ("without accents", {"first": "Zoë", "last": "Żółć", "born": "1990-02-01"},
     {"first": "Zoe", "last": "Zolc", "born": "1990-02-01"}, 0.7, 0.8),
    ("name and address", {**ADA, "street": "1 High Street"}, {**ADA, "street": "1 High  street"}, 0.6, 0.7),
    ("the same street in another town", {**ADA, "street": "1 High Street"},
     {**ADA, "street": "1 High Street", "code": "M1 1AE"}, 0.4, 0.5),
    ("a typing error in the address", {**ADA, "email": "ada.lovelace@example.com"},
     {**ADA, "email": "ada.lovelce@example.com"}, 0.6, 0.75),
    ("another number in the address", {**ADA, "email": "ada1@example.com"},
     {**ADA, "email": "ada2@example.com"}, 0.4, 0.5),
    ("an address that changed its host", {**ADA, "email": "ada.lovelace@example.com"},
     {**ADA, "email": "ada.lovelace@example.org"}, 0.6, 0.75),
    ("preferred name", {"first": "Elizabeth", "last": "Bennet", "preferred_name": "Lizzy", "born": "1990-02-01"},
     {"first": "Lizzy", "last": "Bennet", "born": "1990-02-01"}, 0.7, 0.8),
    ("a household has one phone", {"first": "Ben", "last": "Smith", "phone": "07700 900111"},
     {"first": "Alexandra", "last": "Smith", "phone": "07700 900111"}, 0, 0.39),
    ("father and son", {**ADA, "born": "1960-05-09", "street": "1 High Street"},
     {**ADA, "born": "1990-02-01", "street": "1 High Street"}, 0, 0.39),
    ("one birthday is nothing", {**ADA, "born": "1990-02-01"},
     {"first": "Ben", "last": "Jonson", "born": "1990-02-01"}, 0, 0.1),
    ("nothing in common", ADA, {"first": "Charles", "last": "Babbage"}, 0, 0),
]  # fmt: skip


@pytest.mark.requirement("C16", "C34")
@pytest.mark.parametrize(
    ("one", "other", "least", "most"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_two_cards_are_weighed(one, other, least, most):
    found = likeness(a_card(**one), a_card(**other))
    assert least <= found.score <= most, found
    assert found.score == likeness(a_card(**other), a_card(**one)).score
    assert found.exact is (found.score == 1)
    if found.score >= SHOWN_FROM:
        assert any(piece.weight > 0 for piece in found.evidence)


@pytest.mark.requirement("C16", "C34")
def test_a_company_is_alike_without_its_legal_form_and_never_a_person():
    def company(name: str, **more) -> Card:
        return read_card({"kind": "company", "name": name, **more}, region="GB", today=TODAY)

    one, other = (
        company("Acme Ltd.", website="https://www.acme.example/about"),
        company("ACME Limited", website="acme.example"),
    )
    assert likeness(one, other).score > 0.7
    assert [(piece.what, piece.how) for piece in likeness(one, other).evidence] == [
        ("name", "same"),
        ("website", "same"),
    ]
    assert likeness(one, a_card("Acme", "Ltd")).score == 0
