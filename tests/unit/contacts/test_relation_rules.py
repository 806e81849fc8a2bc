"""What one is to the other, from both sides."""

import pytest

from contracts.contacts.words import RELATIONS
from contracts.errors import Invalid
from services.contacts.emergency.rules import names_of
from services.contacts.relations.rules import inverse_of, role_of

KINDS_AND_ROLES = [(kind, role) for kind, roles in RELATIONS.items() for role in roles]


@pytest.mark.requirement("C28")
@pytest.mark.parametrize(("kind", "role"), KINDS_AND_ROLES)
def test_the_inverse_of_the_inverse_is_the_role(kind, role):
    assert inverse_of(kind, inverse_of(kind, role)) == role


@pytest.mark.requirement("C28")
def test_the_plainest_role_follows_from_the_kind_and_from_who_is_a_company():
    assert role_of("guardian", None, contact_is="person", related_is="person") == "guardian"
    assert role_of("company", None, contact_is="person", related_is="company") == "employer"
    assert role_of("company", None, contact_is="company", related_is="person") == "employee"
    assert role_of("company", None, contact_is="person", related_is="person") == "colleague"
    with pytest.raises(Invalid, match="guardian, ward"):
        role_of("guardian", "sibling", contact_is="person", related_is="person")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Byron, Anne Isabella", {"first_name": "Anne Isabella", "last_name": "Byron"}),
        ("Mum", {"first_name": "Mum"}),
        ("Ludwig van Beethoven", {"first_name": "Ludwig", "last_name": "van Beethoven"}),
        ("Dr.", {"first_name": "Dr."}),
    ],
)
def test_a_name_is_parted_as_a_contact_has_it(name, parts):
    assert names_of(name) == parts
