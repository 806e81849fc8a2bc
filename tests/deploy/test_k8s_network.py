"""Who speaks to whom: a connection is there when the policies of both ends let it, and there are no others."""

from __future__ import annotations

from itertools import product

import pytest

from chassis.config import SERVICES
from tests.deploy.rendering import OVERLAYS, PRODUCTION, Thing, imports, labels_of_pod, name_of, of_kind, ours, selects

BOTH = pytest.mark.parametrize("folder", OVERLAYS)
pytestmark = pytest.mark.requirement("O02")

Pod = dict[str, str]
BROKER = {"app.kubernetes.io/name": "broker", "app.kubernetes.io/component": "rabbitmq"}
"""As the cluster operator labels its pods; CloudNativePG's are below."""
OUTSIDE = ("traefik", "monitoring", "keda", "cnpg-system", "rabbitmq-system", "somebody-else")


def pods(folder: str) -> dict[str, Pod]:
    databases = {f"{s}-database": {"cnpg.io/cluster": f"{s}-database", "cnpg.io/podRole": "instance"} for s in SERVICES}
    poolers = {
        f"{s}-pooler": {"cnpg.io/cluster": f"{s}-database", "cnpg.io/poolerName": f"{s}-pooler"} for s in SERVICES
    }
    return {name_of(thing): labels_of_pod(thing) for thing in ours(folder)} | databases | poolers | {"broker": BROKER}


def lets(folder: str, pod: Pod, way: str, other: Pod | str | None, port: int) -> bool:
    """Whether the policies on a pod let it speak that way with a pod, a namespace, or (None) anybody outside."""
    bound = [
        one["spec"]
        for one in of_kind(folder, "NetworkPolicy")
        if selects(one["spec"]["podSelector"], pod) and way.title() in one["spec"]["policyTypes"]
    ]
    assert bound, "nothing is forbidden by default"
    peers = "to" if way == "egress" else "from"
    return any(
        (peers not in rule or any(matches(peer, other) for peer in rule[peers]))
        and (
            "ports" not in rule or any(one["port"] <= port <= one.get("endPort", one["port"]) for one in rule["ports"])
        )
        for policy in bound
        for rule in policy.get(way, [])
    )


def matches(peer: Thing, other: Pod | str | None) -> bool:
    if isinstance(other, dict):
        return "namespaceSelector" not in peer and "podSelector" in peer and selects(peer["podSelector"], other)
    if isinstance(other, str):
        wanted = peer.get("namespaceSelector", {}).get("matchLabels", {})
        return bool(wanted) and wanted == {"kubernetes.io/metadata.name": other}
    return "ipBlock" in peer


PORTS = (22, 25, 80, 443, 465, 587, 1025, 4369, 5432, 5672, 8000, 8080, 9000, 9127, 9187, 15672, 15692, 25672)


@BOTH
def test_a_service_reaches_its_database_and_the_broker_and_nothing_else_of_the_house(folder):
    known = pods(folder)
    for thing in ours(folder):
        mine = known[name_of(thing)]
        service = mine["app.kubernetes.io/name"]
        reached = {
            (name, port)
            for (name, other), port in product(known.items(), PORTS)
            if lets(folder, mine, "egress", other, port) and lets(folder, other, "ingress", mine, port)
        }
        own = {(f"{service}-database", 5432), (f"{service}-pooler", 5432)} if service in SERVICES else set()
        assert reached == own | {("broker", 5672)}, name_of(thing)


@BOTH
def test_only_the_gateway_is_reached_from_the_world(folder):
    entered = {
        (outside, name, port)
        for outside, (name, pod), port in product(OUTSIDE, pods(folder).items(), PORTS)
        if lets(folder, pod, "ingress", outside, port)
    }
    assert {(who, port) for outside, who, port in entered if outside == "traefik"} == {("gateway", 8080)}
    assert not [who for outside, who, _ in entered if outside == "somebody-else"]
    assert {port for outside, _, port in entered if outside == "monitoring"} == {8080, 9000, 9127, 9187, 15692}
    assert {port for outside, who, port in entered if outside == "keda"} == {5432, 15672}


def test_out_of_the_cluster_goes_only_who_has_something_to_do_there():
    """By what the code imports: the bucket, the cards, the mail."""
    for thing in ours(PRODUCTION):
        mine = labels_of_pod(thing)
        if mine["app.kubernetes.io/component"] == "migrate":
            wanted = set()
        else:
            name = mine["app.kubernetes.io/name"]
            folder = f"services/{name}" if name in SERVICES else name
            wanted = {443} if imports(folder, "chassis.storage") or imports(folder, "stripe") else set()
            wanted |= {465, 587} if imports(folder, "smtplib") else set()
            assert ("reaches-storage" in mine) == imports(folder, "chassis.storage"), name
        assert {port for port in PORTS if lets(PRODUCTION, mine, "egress", None, port)} == wanted, name_of(thing)


@BOTH
def test_everybody_finds_names(folder):
    for pod in pods(folder).values():
        assert lets(folder, pod, "egress", "kube-system", 53)
