"""Codes, and what a lifecycle means for a referral."""

import pytest

from services.contacts.referrals.rules import LENGTH, LETTERS, a_code, as_kept, settles


@pytest.mark.requirement("C29")
def test_a_code_is_read_back_however_it_was_typed():
    code = a_code()
    assert len(code) == LENGTH
    assert set(code) <= set(LETTERS)
    assert as_kept(f" {code[:3]}-{code[3:6].lower()} {code[6:]} ") == code
    assert len({a_code() for _ in range(1000)}) == 1000


@pytest.mark.requirement("C29")
@pytest.mark.parametrize(
    ("before", "after", "settled"),
    [
        ("lead", "customer", "converted"),
        ("customer", "former_customer", None),  # it ended, and it was
        ("lead", "former_customer", "converted"),  # that it ended was heard of before the sale
        ("former_customer", "customer", "converted"),
        ("customer", "lead", "reversed"),
        ("former_customer", "lead", "reversed"),
        ("lead", "lead", None),  # the reversal was heard of before the sale
    ],
)
def test_a_referral_follows_the_lifecycle_forwards_and_back(before, after, settled):
    assert settles(before, after) == settled
