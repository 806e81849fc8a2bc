"""Who and what the tests of the API begin with."""

import pytest

from tests.builders.people import a_person
from tests.system.reading import Reader


@pytest.fixture
def me(api):
    return api.get("/me").json()


@pytest.fixture
def feed(api, house):
    """What is told from now on: `.news()`, `.end`."""
    return Reader(api, house)


@pytest.fixture
def a_lead_of(api, me):
    def enter(**given):
        answer = api.post("/contacts", json=a_person(enter_as="lead", assigned_to=me["id"], **given))
        assert answer.status_code == 201, answer.text
        return answer

    return enter
