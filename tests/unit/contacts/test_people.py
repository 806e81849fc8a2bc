"""Names, e-mails and phones come into one form, and what cannot be one is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from services.contacts.contact.rules import clean, fold
from services.contacts.finding.rules.remembering import patterns
from services.contacts.people.rules import (
    Unreadable,
    number_text,
    read_email,
    read_emails,
    read_phone,
    read_phones,
    tidy,
    tidy_gender,
)


@pytest.mark.requirement("C07")
@pytest.mark.parametrize(
    ("typed", "region", "expected"),
    [
        ("07700 900123", "GB", "+447700900123"),
        ("+44 (0)20 7946 0958", "DE", "+442079460958"),
        ("0049 30 123456", "GB", "+4930123456"),
        ("(800) 356-9377", "US", "+18003569377"),
        ("٠٧٧٠٠ ٩٠٠١٢٣", "GB", "+447700900123"),
        ("+84 908 369 006", "GB", "+84908369006"),
        ("353861234567", "GB", "+353861234567"),
        ("61412345678", "US", "+61412345678"),
    ],
)
def test_a_phone_is_kept_in_e164(typed, region, expected):
    assert read_phone(typed, region)[0] == expected


@pytest.mark.requirement("C07")
@pytest.mark.parametrize(
    "typed",
    ["12", "call me", "+999 123456", "0" * 40, "+", "\0", "7946 0958 1234 5678 999", "020794600181", "4477009001234"],
)
def test_what_cannot_be_a_phone_is_refused(typed):
    with pytest.raises(Unreadable):
        read_phone(typed, "GB")


@pytest.mark.requirement("C07")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.com", "ada@EXAMPLE.COM"),
        ("ﬁona@example.com", "fiona@example.com"),
        ("zoë@example.com", "zoe\u0308@example.com"),
        ("a@münchen.example.com", "a@xn--mnchen-3ya.example.com"),
        (" ada@example.com ", "ada@example.com"),
    ],
    ids=["case", "compatibility", "composed", "IDNA", "blanks"],
)
def test_one_address_written_in_two_ways_is_the_same(one, other):
    assert read_email(one) == read_email(other)


@pytest.mark.requirement("C07")
@pytest.mark.parametrize(
    "typed", ["", "ada", "ada@", "@example.com", "a@b", "a b@example.com", "a@exa mple.com", "a@-x.com"]
)
def test_what_cannot_be_an_address_is_refused(typed):
    with pytest.raises(Unreadable):
        read_email(typed)


@given(st.text())
def test_no_text_breaks_the_readers(text):
    for read in (read_email, lambda typed: read_phone(typed, "GB")[0]):
        try:
            found = read(text)
        except Unreadable:
            continue
        assert found


def test_an_address_given_twice_is_kept_once_as_first_typed():
    problems: list[dict[str, str]] = []
    kept = read_emails([{"value": "Ada@x.test"}, {"value": "ada@X.test", "primary": True}], problems)
    assert [(email.value, email.primary) for email in kept] == [("Ada@x.test", True)]
    assert problems == []


def test_each_phone_at_fault_is_named():
    problems: list[dict[str, str]] = []
    read_phones([{"value": "07700 900123"}, {"value": "12"}, {"value": "12345678", "region": "QQ"}], "GB", problems)
    assert [problem["pointer"] for problem in problems] == ["/phones/1/value", "/phones/2/region"]


@pytest.mark.requirement("C07")
@pytest.mark.parametrize(
    ("typed", "expected"), [("  Ana   Maria ", "Ana Maria"), ("Zoe\u0308", "Zoë"), ("a\0b", "a b"), ("  ", None)]
)
def test_names_are_trimmed(typed, expected):
    assert tidy(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"), [("F", "female"), ("Man", "male"), ("Non-binary", "non-binary"), ("", None)]
)
def test_gender_is_spelt_out(typed, expected):
    assert tidy_gender(typed) == expected


@pytest.mark.requirement("C23")
@pytest.mark.parametrize(
    ("written", "folded"),
    [("Żółć", "zolc"), ("Łukasz", "lukasz"), ("O’Brien", "obrien"), ("Phạm Thị", "pham thi"), ("Владимир", "vladimir")],
)
def test_folding_forgets_accents_and_scripts(written, folded):
    assert fold(written) == folded


@given(st.text())
def test_folded_text_stays_as_it_is(text):
    once = fold(text)
    assert fold(once) == once


@given(st.text())
def test_cleaned_text_has_no_control_characters_but_line_feeds(text):
    assert all(character == "\n" or ord(character) >= 32 for character in clean(text))


@pytest.mark.requirement("C05", "C23")
@pytest.mark.parametrize(
    ("number", "searched"), [("100017", "100017"), ("GYM-0012", "gym-0012"), ("2024/0117", "2024/0117 20240117")]
)
def test_a_membership_number_is_searched_by_however_it_is_typed(number, searched):
    assert number_text(number) == searched
    for typed in (number, number.lower(), number[1:5], number.replace("/", "")):
        assert all(pattern.strip("%") in f" {searched}" for pattern in patterns(typed))
