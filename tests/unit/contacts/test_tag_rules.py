"""When two tags are one."""

import pytest

from services.contacts.tags.rules import SYSTEM_TAGS, as_shown, key_of


@pytest.mark.requirement("C21")
@pytest.mark.parametrize(
    ("one", "other"), [("VIP", "vip"), ("Early  Bird", " early bird"), ("ＶＩＰ", "VIP"), ("Straße", "STRASSE")]
)
def test_spelling_does_not_make_another_tag(one, other):
    assert key_of(one) == key_of(other)


def test_accents_do_make_another_tag():
    assert key_of("cure") != key_of("curé")


def test_a_tag_is_shown_as_typed_with_single_spaces():
    assert as_shown(" Early   Bird ") == "Early Bird"


def test_the_systems_own_are_written_as_their_keys():
    assert [key_of(name) for name in SYSTEM_TAGS] == list(SYSTEM_TAGS)
