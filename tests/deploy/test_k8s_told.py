"""What each process is told by its environment, and the way from the world to the gateway."""

from __future__ import annotations

import re

import pytest

from chassis.config import SERVICES
from tests.deploy.rendering import (
    OVERLAYS,
    PRODUCTION,
    Thing,
    container_of,
    imports,
    labels_of_pod,
    name_of,
    named,
    of_kind,
    ours,
)

BOTH = pytest.mark.parametrize("folder", OVERLAYS)
pytestmark = pytest.mark.requirement("O02")


def told_to(folder: str, thing: Thing) -> dict[str, str]:
    """The environment of a container; what comes of a Secret is `<secret/key>`."""
    container, told = container_of(thing), {}
    for source in container["envFrom"]:
        if "configMapRef" in source:
            told |= named(folder, "ConfigMap")[source["configMapRef"]["name"]]["data"]
    for one in container["env"]:
        secret = one.get("valueFrom", {}).get("secretKeyRef")
        value = f"<{secret['name']}/{secret['key']}>" if secret else one["value"]
        told[one["name"]] = re.sub(r"\$\((\w+)\)", lambda found: told[found[1]], value)
    return told


@BOTH
def test_each_comes_to_the_broker_and_to_its_database_as_itself(folder):
    for thing in ours(folder):
        name, told = labels_of_pod(thing)["app.kubernetes.io/name"], told_to(folder, thing)
        user = f"<{name}-user-credentials/username>:<{name}-user-credentials/password>"
        assert told["RAPPORT_AMQP_URI"] == f"amqp://{user}@broker:5672/rapport"
        if name in SERVICES:
            owner = f"<{name}-database-app/username>:<{name}-database-app/password>"
            assert told["RAPPORT_DATABASE_URL"] == f"postgresql://{owner}@{told['DATABASE_HOST']}:5432/rapport"


@BOTH
def test_each_is_given_the_secrets_of_what_it_does_and_the_way_there(folder):
    for thing in ours(folder):
        labels = labels_of_pod(thing)
        name = labels["app.kubernetes.io/name"]
        package = f"services/{name}" if name in SERVICES else name
        does = {"storage": "chassis.storage", "cards": "stripe", "mail": "smtplib"}
        if labels["app.kubernetes.io/component"] == "migrate":
            does = {}
        wanted = {what for what, module in does.items() if imports(package, module)}
        secrets = [source["secretRef"] for source in container_of(thing)["envFrom"] if "secretRef" in source]
        given = {one["name"]: one.get("optional", False) for one in secrets}
        assert given == {"rapport-signing": False} | {f"rapport-{what}": what == "storage" for what in wanted}
        ways = {label: value for label, value in labels.items() if label.startswith("reaches-")}
        assert ways == {f"reaches-{what}": "true" for what in wanted}


@BOTH
def test_each_is_told_what_the_house_and_its_own_file_say(folder):
    for thing in ours(folder):
        if thing["kind"] == "Deployment":
            given = [s["configMapRef"]["name"] for s in container_of(thing)["envFrom"] if "configMapRef" in s]
            assert set(given) <= set(named(folder, "ConfigMap"))
            service = labels_of_pod(thing)["app.kubernetes.io/name"]
            assert [name.rpartition("-")[0] for name in given] == [service, "house"]


@BOTH
def test_the_gateway_listens_where_it_is_looked_for_behind_one_proxy(folder):
    gateway = named(folder, "Deployment")["gateway"]
    told, (port,) = told_to(folder, gateway), container_of(gateway)["ports"]
    assert told["RAPPORT_BIND"] == f"0.0.0.0:{port['containerPort']}"
    assert told["RAPPORT_TRUSTED_PROXIES"] == "1"  # more, and anybody could name an address of their own
    service = named(folder, "Service")["gateway"]
    assert service["spec"]["selector"] == gateway["spec"]["selector"]["matchLabels"]
    assert service["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": port["name"]}]
    (ingress,) = of_kind(folder, "Ingress")
    (rule,) = ingress["spec"]["rules"]
    assert told["RAPPORT_PUBLIC_URL"] == f"https://{rule['host']}"
    backend = {"service": {"name": name_of(service), "port": {"name": "http"}}}
    assert rule["http"]["paths"] == [{"path": "/", "pathType": "Prefix", "backend": backend}]
    assert ingress["spec"]["tls"] == [{"hosts": [rule["host"]], "secretName": "rapport-tls"}]


def test_the_ingress_is_that_of_the_controller_that_is_let_in():
    (ingress,) = of_kind(PRODUCTION, "Ingress")
    enters = named(PRODUCTION, "NetworkPolicy")["world-to-gateway"]["spec"]["ingress"][0]["from"][0]
    assert enters["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "traefik"}
    assert ingress["spec"]["ingressClassName"] == "traefik"
