"""An image holds what its service imports, and nothing of another's."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions

import grimp
import pytest

from local import CHECKOUT, SERVICES
from tests.builders.images import DOCKERFILE, IMAGES, copied, modules_of

pytestmark = pytest.mark.requirement("O01", "O02")
OURS = ("contracts", "chassis", "services", "gateway", "local")
BEGINNINGS = {
    **{service: ("chassis.run", "chassis.migrate", "chassis.parked", f"services.{service}") for service in SERVICES},
    "gateway": ("gateway",),
    "welcome": ("local.welcome",),
}
"""What is run in each image, or found by its name: all that lies below."""
NOT_IMPORTED = {"tzdata"}
"""zoneinfo reads it where the system has no time zones of its own."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*OURS, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None)


@pytest.fixture(scope="module")
def reached(graph) -> dict[str, set[str]]:
    """By image, every module that anything in it may import."""
    return {image: reached_from(graph, BEGINNINGS[image]) for image in IMAGES}


def reached_from(graph: grimp.ImportGraph, beginnings: tuple[str, ...]) -> set[str]:
    """Follow the imports from some packages, and from all that is in them."""
    todo = [name for name in graph.modules if name.startswith(tuple(f"{beginning}." for beginning in beginnings))]
    todo += beginnings
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += filter(None, [name.rpartition(".")[0]])
            if not graph.is_module_squashed(name):
                todo += graph.find_modules_directly_imported_by(name)
    return seen


def of_ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in OURS}


@pytest.mark.parametrize("image", IMAGES)
def test_what_is_imported_is_in_the_image(image, reached):
    assert of_ours(reached[image]) - modules_of(image) == set()


@pytest.mark.parametrize("image", IMAGES)
def test_what_is_copied_is_imported(image, reached):
    names = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in copied(image)}
    assert names - of_ours(reached[image]) == set()


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_no_other_service(service):
    there = {name.split(".")[1] for name in modules_of(service) if name.startswith("services.")}
    assert there <= {service, "acquaintance"}
    assert not any(name.startswith(("gateway", "local")) for name in modules_of(service))


@pytest.mark.parametrize("image", IMAGES)
def test_what_is_imported_is_installed(image, reached):
    roots = {name.partition(".")[0] for name in reached[image]} - set(OURS) - sys.stdlib_module_names
    assert {root for root in roots if not distributions_of(root) & installed_in(image)} == set()


@pytest.mark.parametrize("image", IMAGES)
def test_what_is_asked_for_is_imported(image, reached):
    roots = {name.partition(".")[0] for name in reached[image]}
    imported = set().union(*map(distributions_of, roots))
    assert asked_for(image) - imported - NOT_IMPORTED == set()


DISTRIBUTIONS = cache(packages_distributions)  # it reads the whole environment each time


def distributions_of(root: str) -> set[str]:
    return {normal(name) for name in DISTRIBUTIONS().get(root, [])}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_in(image: str) -> set[str]:
    """What uv installs there by the lock file."""
    command = ["uv", "export", "--frozen", "--only-group", image, "--no-hashes", "--no-annotate", "--no-header"]
    told = subprocess.run([sys.executable, "-m", *command], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return {line.partition("==")[0] for line in told.stdout.splitlines()}


def asked_for(group: str) -> set[str]:
    """What a dependency group names, itself or by the groups that it includes."""
    groups = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["dependency-groups"]
    lines = groups[group]
    named = {normal(re.split(r"[<>=!~]", line)[0]) for line in lines if isinstance(line, str)}
    return named.union(*(asked_for(line["include-group"]) for line in lines if isinstance(line, dict)))


def test_the_result_is_no_root_and_is_stopped_gently():
    result = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 10001:10001" in result
    assert "\nSTOPSIGNAL SIGTERM" in result


def test_dependencies_are_installed_before_any_code_of_ours_is_copied():
    packages = DOCKERFILE.partition("FROM ${BASE} AS ground")[0]
    assert re.findall(r"COPY (.*) \./", packages) == ["requirements.txt", "pyproject.toml uv.lock"]
