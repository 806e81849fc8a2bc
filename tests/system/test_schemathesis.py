"""A stranger reads the API's description and tries what it allows, and what not; all of it is answered as told."""

from __future__ import annotations

from contextlib import closing

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from gateway.openapi import document
from tests.house.living import LivingHouse


def nonsense_is_refused(context, response, case):
    """Refusing what is too long, before anything looks at it, is refusing; an empty parameter or part is left out."""
    parts = case.body if case.media_type == "multipart/form-data" and isinstance(case.body, dict) else {}
    if response.status_code not in (413, 414) and "" not in [*(case.query or {}).values(), *parts.values()]:
        negative_data_rejection(context, response, case)


CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, unsupported_method, nonsense_is_refused,
]  # fmt: skip
NONSENSE_TOO = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(document()).get_all_operations()]


@pytest.fixture(scope="module")
def at_the_door(servers, mailbox):
    """Where to ask, and the owner's token; the house is its own, because strangers leave a mess."""
    house = LivingHouse(servers, settings={"RAPPORT_SMTP_URL": mailbox.url})
    with closing(house):
        api = house.open().api()
        yield {"base_url": api.url, "headers": {"Authorization": api.session.headers["Authorization"]}}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@pytest.mark.requirement("G01", "G06")
def test_every_operation_is_answered_as_its_description_says(operation, at_the_door):
    @settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=st.one_of(*(operation.as_strategy(mode) for mode in NONSENSE_TOO)))
    def tries(case):
        case.call_and_validate(**at_the_door, checks=CHECKS, timeout=30)

    tries()
