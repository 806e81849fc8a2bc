"""Only tries that fail are counted against who signs in."""

from contextlib import closing

import pytest

from tests.house.living import LivingHouse


@pytest.mark.requirement("G02", "G06")
def test_who_knows_the_password_may_sign_in_as_often_as_a_test_suite_does(servers):
    house = LivingHouse(servers, services=["contacts"], gateway=True, settings={"RAPPORT_RATE_LIMITS": "on"})
    with closing(house) as it:
        nobody = it.open().api().as_nobody()
        known = {"email": it.owner["email"], "password": it.owner["password"]}
        answers = [nobody.post("/sessions", json=known).status_code for _ in range(30)]
    assert answers == [201] * 30
