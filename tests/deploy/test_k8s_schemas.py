"""Every overlay and template renders, and every object in it is one that Kubernetes and the operators know."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import jsonschema
import kubernetes_validate
import pytest
from kubernetes_validate import utils

from tests.deploy.rendering import FIRST_ACCOUNT, OVERLAYS, TO_BE_ADDED, name_of, rendered
from tests.deploy.shapes import shapes

FOLDERS = [*OVERLAYS, *TO_BE_ADDED]
OLDEST, NEWEST = "1.31", "1.37"
"""Of Kubernetes; what we use is in all since 1.30 (`preStop.sleep`)."""


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """All schemas of a version are one large file, which the validator would read anew for every object."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "schema_contents", cache(utils.schema_contents))
        yield


@pytest.mark.requirement("O02")
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("folder", FOLDERS)
def test_kubernetes_knows_every_field_of_its_own_kinds(folder, version):
    for thing in rendered(folder):
        if f"{thing['apiVersion']}/{thing['kind']}" not in shapes():
            kubernetes_validate.validate(thing, version, strict=True)


@pytest.mark.requirement("O02")
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_operators_know_every_field_of_theirs(folder):
    theirs = [thing for thing in rendered(folder) if f"{thing['apiVersion']}/{thing['kind']}" in shapes()]
    for thing in theirs:
        assert set(thing) == {"apiVersion", "kind", "metadata", "spec"}, name_of(thing)
        assert set(thing["metadata"]) <= {"name", "namespace", "labels", "annotations"}, name_of(thing)
        jsonschema.validate(thing["spec"], shapes()[f"{thing['apiVersion']}/{thing['kind']}"])
    assert theirs or folder == FIRST_ACCOUNT  # a Job, and nothing else


@pytest.mark.requirement("O02")
@pytest.mark.parametrize("folder", FOLDERS)
def test_no_two_objects_have_one_name_and_no_name_is_left_open(folder):
    names = [(thing["apiVersion"], thing["kind"], name_of(thing)) for thing in rendered(folder)]
    assert len(names) == len(set(names))
    assert not [thing for thing in rendered(folder) if "SERVICE" in str(thing) or "VERSION" in str(thing)]
