"""The short way of reading an e-mail address answers as the long one does."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings, strategies as st

from services.contacts.people.rules import Unreadable, read_email
from tests.builders.examples import examples

PIECES = ["a", "Ada", ".", "..", "-", "_", "+", "@", " ", "é", "x" * 40, "example", "org", "EXAMPLE.org", ".com",
          "xn--", "ü", "1", "\n", '"']  # fmt: skip


@pytest.mark.requirement("C07")
@settings(max_examples=examples(1000))
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
def test_short_and_long_way_agree(address):
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        with pytest.raises(Unreadable):
            read_email(address)
    else:
        assert read_email(address) == f"{found.local_part.casefold()}@{found.ascii_domain}".lower()
