"""What the house stands on: the broker, who may do what at it, and the databases."""

from __future__ import annotations

import os
import re

import jsonschema
import pytest

from chassis import database, rights
from chassis.config import SERVICES
from chassis.migrate import listeners_of, service_class
from chassis.relay import exchange_of
from chassis.rights import Rights
from chassis.service import ROLES
from chassis.topology import parked_queue_of, queue_of, retry_exchange_of
from chassis.wire import RPC_EXCHANGE
from local import CHECKOUT
from tests.deploy.rendering import K8S, OVERLAYS, PRODUCTION, Thing, environment_of, name_of, named, of_kind, pod_of
from tests.deploy.shapes import shapes
from tests.deploy.test_users_of_the_broker import USERS

BOTH = pytest.mark.parametrize("folder", OVERLAYS)
pytestmark = pytest.mark.requirement("O02")


def rights_in(folder: str, user: str) -> Rights:
    permission = named(folder, "Permission")[user]["spec"]
    topics = named(folder, "TopicPermission").get(user)
    if topics is not None:
        assert topics["spec"]["userReference"] == {"name": user}
        assert topics["spec"]["permissions"]["exchange"] == RPC_EXCHANGE
    assert permission["userReference"] == {"name": user}
    calls = {"calls": topics["spec"]["permissions"]["read"]} if topics else {}
    return Rights(**permission["permissions"], **calls)


@BOTH
def test_everybody_may_do_at_the_broker_what_the_code_needs(folder):
    assert set(named(folder, "User")) == set(named(folder, "Permission")) == {*SERVICES, "gateway", "scaler"}
    for user in (*SERVICES, "gateway"):
        assert rights_in(folder, user) == USERS[user]
    assert rights_in(folder, "scaler") == Rights("^$", "^$", "^$")


def test_the_template_of_a_subscriber_hears_and_says_nothing():
    assert rights_in("templates/subscriber", "partner") == rights.of_subscriber("partner", SERVICES)
    (user,) = of_kind("templates/subscriber", "User")
    assert "tags" not in user["spec"]


@BOTH
def test_the_exchanges_are_there_before_who_may_not_declare_them(folder):
    declared = {thing["spec"]["name"]: thing["spec"] for thing in of_kind(folder, "Exchange")}
    assert set(declared) == {RPC_EXCHANGE, *map(exchange_of, SERVICES)}
    for exchange in declared.values():
        assert (exchange["type"], exchange["durable"], exchange["vhost"]) == ("topic", True, "rapport")


def test_the_broker_has_three_nodes_and_keeps_what_waits_three_times():
    (cluster,) = of_kind(PRODUCTION, "RabbitmqCluster")
    assert cluster["spec"]["replicas"] == 3
    assert "default_queue_type = quorum" in cluster["spec"]["rabbitmq"]["additionalConfig"].splitlines()
    (vhost,) = of_kind(PRODUCTION, "Vhost")
    assert vhost["spec"]["defaultQueueType"] == "quorum"


@BOTH
def test_no_queue_throws_away_what_came_back_too_often(folder):
    policies = sorted((thing["spec"] for thing in of_kind(folder, "Policy")), key=lambda one: -one["priority"])

    def policy_of(queue: str) -> Thing:
        return next(one["definition"] for one in policies if re.search(one["pattern"], queue))

    for service in SERVICES:
        kept = [parked_queue_of(service), *(queue_of(service, door) for door in listeners_of(service_class(service)))]
        assert [policy_of(queue) for queue in kept] == [{"delivery-limit": -1}] * len(kept)
        retried = policy_of(retry_exchange_of(service, 10))
        assert (retried["dead-letter-strategy"], retried["overflow"]) == ("at-least-once", "reject-publish")
        assert not [one for one in policies if re.search(one["pattern"], f"rpc-{service}")]


@BOTH
def test_each_service_has_a_database_of_its_own(folder):
    assert set(named(folder, "Cluster")) == {f"{service}-database" for service in SERVICES}
    for service in SERVICES:
        spec = named(folder, "Cluster")[f"{service}-database"]["spec"]
        assert re.search(r"postgresql:18\b", spec["imageName"])
        assert spec["postgresql"]["parameters"]["log_min_error_statement"] == "panic"
        assert spec["postgresql"]["parameters"]["log_error_verbosity"] == "terse"


def test_in_production_a_database_survives_the_loss_of_one_and_is_backed_up():
    (store,) = of_kind(PRODUCTION, "ObjectStore")
    assert store["spec"]["retentionPolicy"] == "30d"
    keys = store["spec"]["configuration"]["s3Credentials"]
    assert keys == {
        "accessKeyId": {"name": "rapport-backups", "key": "AWS_ACCESS_KEY_ID"},
        "secretAccessKey": {"name": "rapport-backups", "key": "AWS_SECRET_ACCESS_KEY"},
    }
    backups = {thing["spec"]["cluster"]["name"]: thing["spec"] for thing in of_kind(PRODUCTION, "ScheduledBackup")}
    for name, cluster in named(PRODUCTION, "Cluster").items():
        assert cluster["spec"]["instances"] == 3
        assert cluster["spec"]["postgresql"]["synchronous"] == {
            "method": "any",
            "number": 1,
            "dataDurability": "required",
        }
        (plugin,) = cluster["spec"]["plugins"]
        assert plugin["parameters"]["barmanObjectName"] == name_of(store)
        assert plugin["isWALArchiver"] is True
        assert backups[name]["pluginConfiguration"] == {"name": plugin["name"]}
        assert len(backups[name]["schedule"].split()) == 6  # seconds first: five fields would be another time


@BOTH
def test_who_holds_on_to_a_connection_goes_to_the_database_itself(folder):
    deployments = named(folder, "Deployment")
    for service in SERVICES:
        hosts = {role: environment_of(deployments[f"{service}-{role}"])["DATABASE_HOST"] for role in ROLES}
        assert hosts == {"rpc": f"{service}-pooler"} | dict.fromkeys(["events", "jobs"], f"{service}-database-rw")
        assert named(folder, "Pooler")[f"{service}-pooler"]["spec"]["cluster"] == {"name": f"{service}-database"}
    for job in of_kind(folder, "Job"):
        assert environment_of(job)["DATABASE_HOST"] == f"{pod_of(job)['serviceAccountName']}-database-rw"


@BOTH
def test_connections_are_shared_out_by_transaction(folder):
    for pooler in of_kind(folder, "Pooler"):
        assert pooler["spec"]["pgbouncer"]["poolMode"] == "transaction"


@BOTH
def test_a_database_has_a_connection_for_everybody_even_when_all_is_at_its_largest(folder):
    """By the figures of docs/operations.md; while a Deployment rolls out it has one more."""
    said = re.search(r"at most `RAPPORT_WORKERS` \+ (\d+) to its own", (CHECKOUT / "docs/operations.md").read_text())
    scaled, deployments = named(folder, "ScaledObject"), named(folder, "Deployment")
    for service in SERVICES:
        pooler = named(folder, "Pooler")[f"{service}-pooler"]["spec"]
        wanted = (pooler["instances"] + 1) * int(pooler["pgbouncer"]["parameters"]["default_pool_size"])
        for role in ("events", "jobs"):
            (workers,) = [
                environment_of(deployments[f"{service}-{role}"]).get("RAPPORT_WORKERS")
                or thing["data"]["RAPPORT_WORKERS"]
                for thing in of_kind(folder, "ConfigMap")
                if name_of(thing).startswith(f"{service}-")
            ]
            most = scaled[f"{service}-{role}"]["spec"]["maxReplicaCount"]
            wanted += (most + 1) * (int(workers) + int(said[1]))
        cluster = named(folder, "Cluster")[f"{service}-database"]["spec"]
        assert wanted + 20 <= int(cluster["postgresql"]["parameters"]["max_connections"]), service


def test_a_database_that_is_brought_back_is_like_the_one_that_was_lost():
    """PostgreSQL does not read the log of a server that let more people in."""
    (back,) = of_kind("templates/restore", "Cluster")
    lost = named(PRODUCTION, "Cluster")["contacts-database"]
    (policy,) = of_kind("templates/restore", "NetworkPolicy")
    assert policy["spec"]["podSelector"] == {"matchLabels": {"cnpg.io/cluster": name_of(back)}}
    ports = {port["port"] for port in policy["spec"]["egress"][0]["ports"]}
    assert ports == {443, 6443}, "it reaches neither its backups nor Kubernetes"
    for name in ("imageName", "storage", "walStorage", "resources"):
        assert back["spec"][name] == lost["spec"][name]
    assert back["spec"]["postgresql"]["parameters"] == lost["spec"]["postgresql"]["parameters"]
    assert back["spec"]["bootstrap"]["recovery"]["owner"] == lost["spec"]["bootstrap"]["initdb"]["owner"]


def test_a_database_comes_back_in_its_own_place_by_the_patch_of_the_readme(tmp_path):
    read = (CHECKOUT / "deploy" / "k8s" / "README.md").read_text()
    (patches,) = re.findall(r"```yaml\n(patches:\n.+?)```", read, re.DOTALL)
    overlay = os.path.relpath(K8S / PRODUCTION, tmp_path)
    (tmp_path / "in-its-place.yaml").write_text((K8S / "templates" / "restore" / "in-its-place.yaml").read_text())
    (tmp_path / "kustomization.yaml").write_text(f"resources: [{overlay}]\n{patches}")
    back, lost = (named(folder, "Cluster")["contacts-database"] for folder in (str(tmp_path), PRODUCTION))
    jsonschema.validate(back["spec"], shapes()["postgresql.cnpg.io/v1/Cluster"])
    (beside,) = of_kind("templates/restore", "Cluster")
    for name in ("bootstrap", "externalClusters"):
        assert back["spec"][name] == beside["spec"][name]
    (plugin,), (before,) = back["spec"]["plugins"], lost["spec"]["plugins"]
    assert plugin["parameters"] == before["parameters"] | {"serverName": "contacts-database-2"}


@BOTH
def test_of_the_poolers_one_leaves_at_a_time_and_they_are_on_two_machines(folder):
    budgets = named(folder, "PodDisruptionBudget")
    for name, pooler in named(folder, "Pooler").items():
        its = {"matchLabels": {"cnpg.io/poolerName": name}}
        assert (budgets[name]["spec"]["maxUnavailable"], budgets[name]["spec"]["selector"]) == (1, its)
        (spread,) = pooler["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert (spread["topologyKey"], spread["labelSelector"]) == ("kubernetes.io/hostname", its)


@BOTH
def test_the_limits_that_the_pooler_does_not_pass_on_are_the_roles(folder):
    asked = dict(re.findall(r"-c (\w+)=(\w+)", database._LIMITS))
    wanted = {name: value for name, value in asked.items() if not name.startswith("tcp_")}
    for cluster in of_kind(folder, "Cluster"):
        said = cluster["spec"]["bootstrap"]["initdb"]["postInitApplicationSQL"]
        owner = cluster["spec"]["bootstrap"]["initdb"]["owner"]
        assert dict(re.fullmatch(rf"ALTER ROLE {owner} SET (\w+) = '(\w+)'", one).groups() for one in said) == wanted
