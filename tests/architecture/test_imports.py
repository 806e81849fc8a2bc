"""The lines of docs/house.md that are not crossed: they hold, and each is seen to refuse a wrong import."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local import CHECKOUT

PACKAGES = ("contracts", "chassis", "services", "gateway")
PLANTED = {
    "contracts-import-nothing-of-ours": ("contracts/money_matters.py", "import sqlalchemy"),
    "chassis-knows-no-service": ("chassis/ids.py", "import contracts.contacts.people"),
    "services-do-not-know-each-other": ("services/billing/orders/rules.py", "import services.pipeline.base"),
    "acquaintance-knows-no-service": ("services/acquaintance/rules.py", "import services.contacts.base"),
    "services-do-not-know-the-wire": ("services/documents/base.py", "import kombu"),
    "the-gateway-has-no-database": ("gateway/problem.py", "import chassis.database"),
    "doors-first": ("services/contacts/notes/model.py", "import services.contacts.notes.actions"),
    "floors-of-billing": ("services/billing/packages/model.py", "import services.billing.orders.model"),
    "floors-of-contacts": ("services/contacts/tags/model.py", "import services.contacts.notes.model"),
    "floors-of-documents": ("services/documents/templates/model.py", "import services.documents.papers"),
    "floors-of-notifications": ("services/notifications/email/__init__.py", "import services.notifications.messages"),
    "floors-of-pipeline": ("services/pipeline/stages/model.py", "import services.pipeline.leads.model"),
}


def contracts_of_the_linter() -> dict[str, str]:
    """The name of each contract, by its id."""
    told = configparser.ConfigParser()
    told.read(CHECKOUT / ".importlinter")
    prefix = "importlinter:contract:"
    return {part.removeprefix(prefix): told[part]["name"] for part in told.sections() if part.startswith(prefix)}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the packages in a folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def verdicts_on_wrong_imports(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy in which every line is crossed once."""
    copy = tmp_path_factory.mktemp("wrong")
    for package in PACKAGES:
        shutil.copytree(CHECKOUT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / ".importlinter", copy)
    for path, line in PLANTED.values():
        with (copy / path).open("a") as file:
            file.write(f"\n{line}\n")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_nobody_crosses_a_line():
    done = lint(CHECKOUT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_line_has_a_wrong_import_planted():
    assert set(PLANTED) == set(contracts_of_the_linter())


@pytest.mark.parametrize("contract", PLANTED)
def test_a_wrong_import_is_refused(contract, verdicts_on_wrong_imports):
    assert f"{contracts_of_the_linter()[contract]} BROKEN" in verdicts_on_wrong_imports


def test_every_room_has_its_doors_in_order():
    told = configparser.ConfigParser()
    told.read(CHECKOUT / ".importlinter")
    watched = set(told["importlinter:contract:doors-first"]["containers"].split())
    rooms = {
        f"services.{init.parent.parent.name}.{init.parent.name}"
        for init in (CHECKOUT / "services").glob("*/*/__init__.py")
        if init.parent.name != "migrations"
    }
    assert watched == rooms
