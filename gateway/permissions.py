"""The check at start-up: no row without a known permission, none that its contract cannot answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from contracts.access import PERMISSIONS
from contracts.language import PUBLIC, SIGNED_IN
from gateway.asked import fields_of
from gateway.routes.table import Route

PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")


def placeholders(route: Route) -> set[str]:
    """The names of what the path carries."""
    return set(PLACEHOLDER.findall(route.path))


def check(routes: Iterable[Route]) -> None:
    """Stop the start-up with every fault of the tables at once."""
    faults = [fault for route in routes for fault in _faults(route)]
    if faults:
        raise SystemExit("The routes cannot be served:\n  " + "\n  ".join(faults))


def _faults(route: Route) -> list[str]:
    name, needs = f"{route.method} {route.rule}", route.rpc.needs
    faults = []
    if not needs:
        faults.append(f"{name}: {route.rpc} needs no permission; a public door says PUBLIC.")
    elif needs == "system":
        faults.append(f"{name}: {route.rpc} is for the services themselves.")
    elif needs not in PERMISSIONS and needs not in (PUBLIC, SIGNED_IN):
        faults.append(f"{name}: {route.rpc} needs {needs!r}, which contracts.access does not know.")
    unknown = placeholders(route) - set(fields_of(route.rpc.takes))
    if unknown:
        faults.append(f"{name}: {route.rpc} takes no {', '.join(sorted(unknown))}.")
    return faults
