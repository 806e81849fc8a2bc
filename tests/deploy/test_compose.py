"""What docker-compose.yml promises: every container hardened, each process told what its code reads, and no more."""

from __future__ import annotations

import importlib.resources
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from chassis import wire
from chassis.config import settings
from chassis.relay import exchange_of
from chassis.rights import Rights
from local import CHECKOUT, SERVICES, Trouble
from local.house import APART, process_name
from local.images.composed import COMPOSE_FILE, composed
from tests.builders.images import IMAGES, SECRETS, TOLD, files_of
from tests.deploy.test_users_of_the_broker import USERS

pytestmark = pytest.mark.requirement("O01")
OF_THE_CHASSIS_AND_NOT_OF_THE_GATEWAY = {
    "RAPPORT_DATABASE_URL", "RAPPORT_HEALTH_PORT", "RAPPORT_HEALTH_HOST", "RAPPORT_WORKERS",
    "RAPPORT_EVENTS_KEPT_DAYS", "RAPPORT_RETRY_DELAYS",
}  # fmt: skip
"""chassis/config.py reads them, and whoever only asks has no use for them."""
OF_BOTO3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


@pytest.fixture(scope="module")
def containers() -> dict[str, Any]:
    return composed(TOLD)["services"]


@pytest.fixture(scope="module")
def ours(containers) -> dict[str, Any]:
    return {name: container for name, container in containers.items() if "build" in container}


@pytest.fixture(scope="module")
def definitions() -> dict[str, Any]:
    """What the broker is told when it starts."""
    return json.loads(composed(TOLD)["configs"]["users"]["content"])


def test_it_is_a_compose_file():
    schemas = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((schemas / "compose-spec.json").read_text())
    jsonschema.validate(yaml.safe_load(COMPOSE_FILE.read_text()), schema)


def test_the_processes_are_those_of_rapport_up(ours):
    wanted = {process_name(service, role) for service, roles in APART.items() for role in roles}
    commands = {name: told.get("command", []) for name, told in ours.items()}
    running = {name: command[3:] for name, command in commands.items() if "chassis.run" in command}
    assert {process_name(service, role) for service, _, role in running.values()} == set(running)
    assert set(running) == wanted


@pytest.mark.parametrize("missing", SECRETS)
def test_a_missing_secret_is_named(missing):
    with pytest.raises(Trouble, match=f"{missing} is missing, deploy/secrets makes it"):
        composed({name: value for name, value in TOLD.items() if name != missing})


def test_the_secrets_are_made_once(tmp_path: Path):
    (tmp_path / "deploy").mkdir()
    script = tmp_path / "deploy" / "secrets"
    script.write_bytes((CHECKOUT / "deploy" / "secrets").read_bytes())
    script.chmod(0o755)
    subprocess.run([script], check=True)
    made = (tmp_path / ".env").read_text()
    lines = dict(line.split("=") for line in made.splitlines())
    assert set(lines) == set(SECRETS)
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in lines.values())
    assert len(set(lines.values())) == len(lines)
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert subprocess.run([script], check=False, capture_output=True).returncode != 0
    assert (tmp_path / ".env").read_text() == made


def test_every_container_is_limited(containers):
    limits = ("mem_limit", "pids_limit", "restart")
    assert [(name, limit) for name, told in containers.items() for limit in limits if not told.get(limit)] == []


def test_no_container_keeps_or_gains_rights(containers):
    for name, told in containers.items():
        assert told["cap_drop"] == ["ALL"], name
        assert told["security_opt"] == ["no-new-privileges:true"], name
        assert not told.get("privileged"), name


def test_ours_are_nobody_and_write_nowhere(ours):
    for name, told in ours.items():
        assert told["user"] == "10001:10001", name
        assert told["read_only"] is True, name
        assert "cap_add" not in told, name


def test_whatever_stays_has_a_health_check(containers):
    stays = {name for name, told in containers.items() if told["restart"] == "unless-stopped"}
    assert stays == {name for name, told in containers.items() if "healthcheck" in told}
    assert len(stays) == len(containers) - len(SERVICES) - len(["databases", "welcome"])


def test_nothing_is_open_to_other_machines(containers):
    ports = [port for told in containers.values() for port in told.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports), ports


def test_only_who_keeps_something_reaches_the_databases(containers):
    near = {name for name, told in containers.items() if "data" in told.get("networks", [])}
    assert near == {name for name in containers if name.startswith(SERVICES)} | {"postgres", "databases"}


def test_every_service_has_its_image(ours):
    for name, told in ours.items():
        service = told["build"]["args"]["SERVICE"]
        assert service in IMAGES
        assert told["image"] == f"rapport-{service}", name
        assert name.partition("-")[0] == service, name


def test_each_process_is_told_what_its_code_reads(ours):
    for name, told in yaml.safe_load(COMPOSE_FILE.read_text())["services"].items():
        if name in ours:
            assert set(told["environment"]) == settings_read_in(ours[name]["build"]["args"]["SERVICE"]), name


def settings_read_in(image: str) -> set[str]:
    """The names of the environment that the code in an image reads."""
    code = "".join(path.read_text() for path in files_of(image))
    names = set(re.findall(r"\"((?:RAPPORT|STRIPE|OTEL_EXPORTER)_[A-Z_]+[A-Z])\"", code))
    if image not in SERVICES:
        names -= OF_THE_CHASSIS_AND_NOT_OF_THE_GATEWAY
    return names | (OF_BOTO3 if "RAPPORT_STORAGE" in names else set())


def test_every_url_names_its_own_role_and_database(ours, monkeypatch):
    for service in SERVICES:
        environment = ours[f"{service}-migrate"]["environment"]
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        password = TOLD[f"{service.upper()}_PASSWORD"]
        assert (
            settings().database_url_of(service)
            == f"postgresql+psycopg2://{service}:{password}@postgres:5432/rapport_{service}"
        )
        assert settings().amqp_uri == f"pyamqp://{service}:{password}@rabbitmq:5672/rapport"
    settings.cache_clear()


def test_everybody_may_do_at_the_broker_what_the_code_needs(definitions):
    may = {line.pop("user"): line for line in definitions["permissions"]}
    calls = {line["user"]: line["read"] for line in definitions["topic_permissions"]}
    assert set(may) == {*USERS, "rapport"} - {"partner"} == {user["name"] for user in definitions["users"]}
    assert {line["exchange"] for line in definitions["topic_permissions"]} == {wire.RPC_EXCHANGE}
    for user in (*SERVICES, "gateway"):
        told = {what: may[user][what] for what in ("configure", "write", "read")}
        assert Rights(**told, calls=calls.get(user, "^$")) == USERS[user]


def test_the_exchanges_are_there_before_who_may_not_declare_them(definitions):
    assert {made["name"] for made in definitions["exchanges"]} == {wire.RPC_EXCHANGE, *map(exchange_of, SERVICES)}
    for made in definitions["exchanges"]:
        assert (made["vhost"], made["type"], made["durable"]) == ("rapport", "topic", True)
