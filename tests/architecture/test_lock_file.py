"""uv.lock holds on every machine, and requirements.txt, pip's way, says the same."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from local import CHECKOUT


@pytest.fixture(scope="module")
def locked() -> list[dict[str, Any]]:
    return tomllib.loads((CHECKOUT / "uv.lock").read_text())["package"]


def test_every_package_comes_from_the_one_public_registry(locked):
    sources = {tuple(package["source"].items()) for package in locked if package["name"] != "rapport"}
    assert len(sources) == 1, sources
    assert next(iter(sources))[0][0] == "registry"


def test_no_path_of_a_machine_is_in_the_lock_file():
    assert not re.search(r'"(file:|/|\.\./)', (CHECKOUT / "uv.lock").read_text())


def test_requirements_say_what_the_lock_file_says(locked):
    versions = {(package["name"], package["version"]) for package in locked}
    lines = (CHECKOUT / "requirements.txt").read_text().splitlines()
    required = {tuple(line.partition(";")[0].strip().split("==")) for line in lines if line.strip()}
    assert required <= versions
    assert {name for name, _ in versions} - {name for name, _ in required} <= {"rapport"}
