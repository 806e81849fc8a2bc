"""How many of each run: every queue is counted, and so are the jobs that are due."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from chassis.config import SERVICES
from chassis.migrate import listeners_of, service_class
from chassis.topology import parked_queue_of, queue_of, retry_exchange_of
from tests.deploy.rendering import OVERLAYS, PRODUCTION, Thing, labels_of_pod, named, of_kind, ours

BOTH = pytest.mark.parametrize("folder", OVERLAYS)
pytestmark = pytest.mark.requirement("O02")


def trigger(scaled: Thing, type: str) -> Thing:
    (one,) = [one for one in scaled["spec"]["triggers"] if one["type"] == type]
    return one


def queues() -> dict[str, set[str]]:
    """All queues of the house as the code names them, by what they are for."""
    found: dict[str, set[str]] = {"waiting": set()}
    for service in SERVICES:
        found[f"{service}-rpc"] = {f"rpc-{service}"}
        found[f"{service}-events"] = {queue_of(service, door) for door in listeners_of(service_class(service))}
        found["waiting"] |= {parked_queue_of(service), *(retry_exchange_of(service, s) for s in (0.5, 1, 10, 600))}
    return found


@BOTH
def test_every_queue_is_scaled_by_whom_it_waits_for(folder):
    scaled, known = named(folder, "ScaledObject"), queues()
    everything = set().union(*known.values())
    for name, mine in known.items():
        if name != "waiting":
            told = trigger(scaled[name], "rabbitmq")["metadata"]
            assert told["useRegex"] == "true"
            assert {queue for queue in everything if re.search(told["queueName"], queue)} == mine
            assert int(told.get("pageSize", 100)) >= 2 * len(mine)


@BOTH
def test_the_scaler_looks_often_where_there_is_something_to_see(folder):
    kinds = {"rpc": ["rabbitmq", "cpu"], "events": ["rabbitmq"], "jobs": ["postgresql"]}
    for name, thing in named(folder, "ScaledObject").items():
        spec, role = thing["spec"], name.partition("-")[2]
        assert [one["type"] for one in spec["triggers"]] == kinds[role]
        assert 5 <= spec["pollingInterval"] <= 30
        behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        assert behavior == {"scaleDown": {"stabilizationWindowSeconds": 300}}
        assert spec["maxReplicaCount"] <= 12
        if role != "jobs":
            told = trigger(thing, "rabbitmq")["metadata"]
            assert told["host"] == "http://broker.rapport.svc:15672"
            assert (told["protocol"], told["vhostName"], told["mode"]) == ("http", "rapport", "QueueLength")
            assert 0 < int(told["value"]) <= 1000
            assert (told.get("operation"), told.get("pageSize")) == (
                ("sum", "500") if role == "events" else (None, None)
            )
        if role == "rpc":
            cpu = trigger(thing, "cpu")
            assert (cpu["metricType"], 50 <= int(cpu["metadata"]["value"]) <= 90) == ("Utilization", True)
    (gateway,) = [thing["spec"] for thing in of_kind(folder, "HorizontalPodAutoscaler")]
    (metric,) = gateway["metrics"]
    assert (metric["type"], metric["resource"]["name"]) == ("Resource", "cpu")
    assert metric["resource"]["target"] == {"type": "Utilization", "averageUtilization": 75}
    assert gateway["behavior"] == {"scaleDown": {"stabilizationWindowSeconds": 300}}
    assert gateway["maxReplicas"] <= 12
    assert gateway["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "gateway"}


@BOTH
def test_jobs_are_scaled_by_those_that_are_due(folder, servers):
    for service in SERVICES:
        told = trigger(named(folder, "ScaledObject")[f"{service}-jobs"], "postgresql")["metadata"]
        cluster = named(folder, "Cluster")[f"{service}-database"]
        assert told["host"] == f"{service}-database-r.rapport.svc"
        assert (told["port"], told["sslmode"], told["targetQueryValue"]) == ("5432", "require", "4")
        assert told["dbName"] == cluster["spec"]["bootstrap"]["initdb"]["database"] == f"rapport_{service}"
        engine = sa.create_engine(servers.database(f"template_{service}"), poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.exec_driver_sql(told["query"]).scalar() == 0


@BOTH
def test_what_is_scaled_is_there_and_says_no_number_itself(folder):
    deployments = named(folder, "Deployment")
    targets = [
        thing["spec"]["scaleTargetRef"]["name"] for thing in of_kind(folder, "ScaledObject", "HorizontalPodAutoscaler")
    ]
    assert sorted(targets) == sorted(name for name, thing in deployments.items() if thing in ours(folder))
    assert not [name for name in targets if "replicas" in deployments[name]["spec"]]


@BOTH
def test_the_scaler_is_let_in_with_secrets_that_are_made(folder):
    users = {f"{name}-user-credentials" for name in named(folder, "User")}
    databases = {f"{name}-app" for name in named(folder, "Cluster")}
    letting = named(folder, "TriggerAuthentication")
    for thing in of_kind(folder, "ScaledObject"):
        for one in thing["spec"]["triggers"]:
            if one["type"] != "cpu":
                refs = letting[one["authenticationRef"]["name"]]["spec"]["secretTargetRef"]
                user = "username" if one["type"] == "rabbitmq" else "userName"
                assert {ref["parameter"]: ref["key"] for ref in refs} == {user: "username", "password": "password"}
                secrets = {ref["name"] for ref in refs}
                assert secrets <= (users if one["type"] == "rabbitmq" else databases)
                service = thing["spec"]["scaleTargetRef"]["name"].rpartition("-")[0]
                assert secrets in ({"scaler-user-credentials"}, {f"{service}-database-app"})


def test_in_production_there_are_always_two():
    for thing in of_kind(PRODUCTION, "ScaledObject"):
        assert 2 <= thing["spec"]["minReplicaCount"] < thing["spec"]["maxReplicaCount"]
    (gateway,) = of_kind(PRODUCTION, "HorizontalPodAutoscaler")
    assert 2 <= gateway["spec"]["minReplicas"] < gateway["spec"]["maxReplicas"]
    assert {labels_of_pod(one)["app.kubernetes.io/name"] for one in ours(PRODUCTION)} == {*SERVICES, "gateway"}
