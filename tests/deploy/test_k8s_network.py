"""Who speaks to whom: a connection is there when the policies of both ends let it, and there are no others."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_network
from itertools import product

import pytest

from chassis.config import SERVICES
from tests.deploy.rendering import OVERLAYS, PRODUCTION, Thing, imports, labels_of_pod, name_of, of_kind, ours, selects

BOTH = pytest.mark.parametrize("folder", OVERLAYS)
pytestmark = pytest.mark.requirement("O02")

Pod = dict[str, str]
Peer = Pod | str | IPv4Address
WORLD = IPv4Address("198.51.100.7")
NEAR = [IPv4Address(address) for address in ("10.96.0.1", "172.17.0.1", "192.168.1.1", "169.254.169.254")]
"""The cluster's own addresses, and where a cloud tells a machine its keys."""
NODE_LOCAL_NAMES = IPv4Address("169.254.20.10")
BROKER = {"app.kubernetes.io/name": "broker", "app.kubernetes.io/component": "rabbitmq"}
"""As the cluster operator labels its pods; CloudNativePG's are below."""
OUTSIDE = ("traefik", "monitoring", "keda", "cnpg-system", "rabbitmq-system", "somebody-else")


def pods(folder: str) -> dict[str, Pod]:
    databases = {f"{s}-database": {"cnpg.io/cluster": f"{s}-database", "cnpg.io/podRole": "instance"} for s in SERVICES}
    poolers = {
        f"{s}-pooler": {"cnpg.io/cluster": f"{s}-database", "cnpg.io/poolerName": f"{s}-pooler"} for s in SERVICES
    }
    return {name_of(thing): labels_of_pod(thing) for thing in ours(folder)} | databases | poolers | {"broker": BROKER}


def lets(folder: str, pod: Pod, way: str, other: Peer, port: int, protocol: str = "TCP") -> bool:
    """Whether the policies on a pod let it speak that way with a pod, a namespace, or an address outside."""
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
            "ports" not in rule
            or any(
                one["protocol"] == protocol and one["port"] <= port <= one.get("endPort", one["port"])
                for one in rule["ports"]
            )
        )
        for policy in bound
        for rule in policy.get(way, [])
    )


def matches(peer: Thing, other: Peer) -> bool:
    if isinstance(other, dict):
        return "namespaceSelector" not in peer and "podSelector" in peer and selects(peer["podSelector"], other)
    if isinstance(other, str):
        wanted = peer.get("namespaceSelector", {}).get("matchLabels", {})
        return bool(wanted) and wanted == {"kubernetes.io/metadata.name": other}
    block = peer.get("ipBlock", {"cidr": "0.0.0.0/32"})
    return other in ip_network(block["cidr"]) and not any(other in ip_network(one) for one in block.get("except", []))


PORTS = (22, 25, 80, 443, 465, 587, 1025, 4369, 5432, 5672, 8000, 8080, 9000, 9127, 9187, 15672, 15692, 25672)


@BOTH
def test_a_service_reaches_its_database_and_the_broker_and_nothing_else_of_the_house(folder):
    known = pods(folder)
    for thing in ours(folder):
        mine = known[name_of(thing)]
        service = mine["app.kubernetes.io/name"]
        own = {(f"{service}-database", 5432), (f"{service}-pooler", 5432)} if service in SERVICES else set()
        others = list(product(known.items(), PORTS))
        goes = {(name, port) for (name, other), port in others if lets(folder, mine, "egress", other, port)}
        let_in = {(name, port) for (name, other), port in others if lets(folder, other, "ingress", mine, port)}
        assert goes == let_in == own | {("broker", 5672)}, name_of(thing)
        assert not [port for port in PORTS if lets(folder, mine, "egress", "kube-system", port)]


@BOTH
def test_only_the_gateway_is_reached_from_the_world(folder):
    for name, pod in pods(folder).items():
        entered = {
            outside: ports
            for outside in OUTSIDE
            if (ports := {port for port in PORTS if lets(folder, pod, "ingress", outside, port)})
        }
        if name == "broker":
            assert entered == {"monitoring": {15692}, "keda": {15672}, "rabbitmq-system": {15672}}
        elif "cnpg.io/cluster" in pod:
            assert entered == {"monitoring": {9187, 9127}, "keda": {5432}, "cnpg-system": {5432, 8000}}
        elif name == "gateway":
            assert entered == {"traefik": {8080}, "monitoring": {8080, 9000}}
        else:
            assert entered == {"monitoring": {9000}}


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
        assert {port for port in PORTS if lets(PRODUCTION, mine, "egress", WORLD, port)} == wanted, name_of(thing)
        assert not [where for where, port in product(NEAR, PORTS) if lets(PRODUCTION, mine, "egress", where, port)]


@BOTH
def test_everybody_finds_names(folder):
    for pod in pods(folder).values():
        for whom, protocol in product(("kube-system", NODE_LOCAL_NAMES), ("UDP", "TCP")):
            assert lets(folder, pod, "egress", whom, 53, protocol)
        assert not lets(folder, pod, "egress", "somebody-else", 53, "UDP")


@BOTH
def test_the_nodes_of_a_server_reach_each_other_and_kubernetes(folder):
    known = pods(folder)
    for name, pod in known.items():
        if name == "broker" or "cnpg.io/cluster" in pod:
            server = BROKER if name == "broker" else known[name.replace("pooler", "database")]
            for port in (4369, 25672, 35672, 35682) if name == "broker" else (5432,):
                assert lets(folder, pod, "egress", server, port), (name, port)
                assert lets(folder, server, "ingress", pod, port), (name, port)
            assert lets(folder, pod, "egress", NEAR[0], 443)
            assert lets(folder, pod, "egress", NEAR[0], 6443)
            operator = "rabbitmq-system" if name == "broker" else "cnpg-system"
            for port in (15672,) if name == "broker" else (5432, 8000):
                assert lets(folder, pod, "ingress", operator, port), (name, port)


@BOTH
def test_a_server_goes_to_its_own_nodes_alone(folder):
    """And to port 443 of whomever: Kubernetes, and the store of the backups."""
    known = pods(folder)
    for name, pod in known.items():
        if name == "broker" or "cnpg.io/cluster" in pod:
            asked = product(known.items(), set(PORTS) - {443})
            goes = {other for (other, far), port in asked if lets(folder, pod, "egress", far, port)}
            assert goes == {name.replace("pooler", "database"), name.replace("database", "pooler")}
