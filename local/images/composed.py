"""docker-compose.yml as an engine reads it: its variables filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from local import CHECKOUT, Trouble

COMPOSE_FILE = CHECKOUT / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?:(?P<how>:-|:\?)(?P<what>[^}]*))?\})")


def composed(told: Mapping[str, str]) -> dict[str, Any]:
    """The file with the values of `told`; a value that it insists on and that is not told is Trouble."""
    file: dict[str, Any] = _filled(yaml.safe_load(COMPOSE_FILE.read_text()), told)
    for container in file["services"].values():
        container["environment"] = _environment(container.get("environment", {}), told)
    return file


def _environment(written: Mapping[str, str | None], told: Mapping[str, str]) -> dict[str, str]:
    """A name without a value is handed on if it is told, and else left out."""
    values = {name: told.get(name) if value is None else value for name, value in written.items()}
    return {name: value for name, value in values.items() if value is not None}


def _filled(part: Any, told: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(value, told) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, told) for value in part]
    return VARIABLE.sub(lambda found: _value(found, told), part) if isinstance(part, str) else part


def _value(found: re.Match[str], told: Mapping[str, str]) -> str:
    if found["dollar"]:
        return "$"
    value = told.get(found["name"], "")
    if value or found["how"] is None:
        return value
    if found["how"] == ":?":
        raise Trouble(f"{found['name']} {found['what']}")
    return str(found["what"])
