"""What runs in Kubernetes: as whom, with how much, watched by what, and replaced how."""

from __future__ import annotations

import os
import re
from itertools import chain

import pytest

from chassis.config import SERVICES, STOP_SECONDS
from chassis.service import ROLES
from local import CHECKOUT
from tests.deploy.rendering import (
    FIRST_ACCOUNT,
    K8S,
    OVERLAYS,
    PRODUCTION,
    SECRETS,
    Thing,
    container_of,
    environment_of,
    labels_of_pod,
    name_of,
    named,
    of_kind,
    ours,
    pod_of,
    rendered,
    selects,
    sources,
)  # fmt: skip
from tests.deploy.test_k8s_network import pods

BOTH = pytest.mark.parametrize("folder", OVERLAYS)
RUNNING = pytest.mark.parametrize("folder", [*OVERLAYS, FIRST_ACCOUNT])
pytestmark = pytest.mark.requirement("O02")


ROLE = ("app.kubernetes.io/name", "app.kubernetes.io/component")
"""The labels by which a process is known."""


def processes(folder: str) -> list[Thing]:
    """The Deployments that run our images."""
    return [thing for thing in ours(folder) if thing["kind"] == "Deployment"]


@BOTH
def test_every_role_of_every_service_is_a_deployment_of_its_own(folder):
    runs = {name_of(thing): container_of(thing)["command"] for thing in processes(folder)}
    roles = {f"{s}-{r}": ["python", "-m", "chassis.run", s, "--role", r] for s in SERVICES for r in ROLES}
    assert runs == roles | {"gateway": ["gunicorn", "-c", "gateway/gunicorn.py", "gateway.app:app"]}
    migrations = {tuple(container_of(job)["command"]) for job in of_kind(folder, "Job")}
    assert migrations == {("python", "-m", "chassis.migrate", service) for service in SERVICES}


@BOTH
def test_each_runs_the_image_of_its_service_in_the_version_of_the_release(folder):
    version = named(folder, "ConfigMap")["release"]["data"]["version"]
    for thing in ours(folder):
        name = labels_of_pod(thing)["app.kubernetes.io/name"]
        assert re.fullmatch(rf"(.*/)?rapport-{name}:{re.escape(version)}", container_of(thing)["image"])


@BOTH
def test_a_version_has_migration_jobs_of_its_own_that_end(folder):
    version = named(folder, "ConfigMap")["release"]["data"]["version"]
    for job in of_kind(folder, "Job"):
        service = labels_of_pod(job)["app.kubernetes.io/name"]
        assert name_of(job) == f"{service}-migrate-{version}"
        assert pod_of(job)["restartPolicy"] == "Never"
        assert 0 < job["spec"]["backoffLimit"] <= 6
        assert job["metadata"]["labels"]["app.kubernetes.io/component"] == "migrate"  # by which a roll-out waits for it
        assert job["spec"]["activeDeadlineSeconds"] == 3600
        assert 86400 <= job["spec"]["ttlSecondsAfterFinished"] <= 604800
        told = container_of(job)["envFrom"]  # a Job is never changed: what the settings say must not stand in it
        assert [list(source) for source in told] == [["secretRef"]]


@RUNNING
def test_no_container_may_do_more_than_it_must(folder):
    for thing in of_kind(folder, "Deployment", "Job"):
        pod = pod_of(thing)
        assert pod["securityContext"] == {
            "runAsNonRoot": True,
            **dict.fromkeys(["runAsUser", "runAsGroup", "fsGroup"], 10001),
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod)
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]
            assert {mount["name"] for mount in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
        (tmp,) = [volume["emptyDir"] for volume in pod["volumes"] if volume["name"] == "tmp"]
        assert 0 < amount_of(tmp["sizeLimit"]) < amount_of(container["resources"]["limits"]["ephemeral-storage"])


@BOTH
def test_who_may_do_more_is_not_let_into_the_namespace(folder):
    (namespace,) = of_kind(folder, "Namespace")
    for how in ("enforce", "audit", "warn"):
        assert namespace["metadata"]["labels"][f"pod-security.kubernetes.io/{how}"] == "restricted"


def amount_of(quantity: str) -> float:
    """A quantity as a number: `200m` cores, `512Mi` bytes."""
    units = {"": 1, "m": 0.001, "Mi": 2**20, "Gi": 2**30}
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]*)", quantity).groups()
    return int(number) * units[unit]


def is_bounded(resources: Thing, *what: str) -> bool:
    """Whether it asks for some of each and may have no more than a limit."""
    asks, may = resources["requests"], resources["limits"]
    return set(asks) == set(may) == set(what) and all(0 < amount_of(asks[w]) <= amount_of(may[w]) for w in what)


@RUNNING
def test_every_container_of_ours_is_limited(folder):
    amounts = [c["resources"] for thing in of_kind(folder, "Deployment", "Job") for c in pod_of(thing)["containers"]]
    assert amounts
    assert all(is_bounded(amount, "cpu", "memory", "ephemeral-storage") for amount in amounts)


@BOTH
def test_every_container_of_the_operators_is_limited(folder):
    amounts = [thing["spec"]["resources"] for thing in of_kind(folder, "Cluster", "RabbitmqCluster")]
    poolers = [thing["spec"]["template"]["spec"]["containers"] for thing in of_kind(folder, "Pooler")]
    amounts += [container["resources"] for container in chain(*poolers)]
    stores = of_kind(folder, "ObjectStore")
    amounts += [thing["spec"]["instanceSidecarConfiguration"]["resources"] for thing in stores]
    assert len(amounts) == 5 + 1 + 5 + len(stores)
    assert all(is_bounded(amount, "cpu", "memory") for amount in amounts)


@BOTH
def test_everybody_is_somebody_without_rights(folder):
    accounts = named(folder, "ServiceAccount")
    assert set(accounts) == {*SERVICES, "gateway"}
    assert all(account["automountServiceAccountToken"] is False for account in accounts.values())
    assert {pod_of(thing)["serviceAccountName"] for thing in ours(folder)} == set(accounts)
    assert not [thing for thing in rendered(folder) if "rbac.authorization.k8s.io" in thing["apiVersion"]]


@BOTH
def test_a_broker_that_is_away_makes_nobody_start_again(folder):
    for thing in processes(folder):
        container = container_of(thing)
        (port,) = container["ports"]
        asked = {probe: container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
        assert asked == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
        assert {container[f"{probe}Probe"]["httpGet"]["port"] for probe in asked} == {port["name"]}
        if name_of(thing) != "gateway":
            (house,) = [one for one in of_kind(folder, "ConfigMap") if name_of(one).startswith("house-")]
            assert house["data"]["RAPPORT_HEALTH_PORT"] == str(port["containerPort"])
            assert house["data"]["RAPPORT_HEALTH_HOST"] == "0.0.0.0"
        assert 60 <= patience(container["startupProbe"]) <= 180
        assert 30 <= patience(container["livenessProbe"]) <= 120
        assert patience(container["readinessProbe"]) <= 20
        # /readyz asks the database for two seconds, and a busy machine is no reason to call somebody dead.
        assert all(3 <= container[probe]["timeoutSeconds"] <= 10 for probe in ("livenessProbe", "readinessProbe"))


def patience(probe: Thing) -> int:
    """For how many seconds a probe may fail before something is done about it."""
    return probe["periodSeconds"] * probe["failureThreshold"]


@BOTH
def test_who_leaves_has_the_time_to_finish(folder):
    text = (CHECKOUT / "gateway" / "gunicorn.py").read_text()
    graceful = int(re.search(r"^graceful_timeout = (\d+)", text, re.MULTILINE).group(1))
    for thing in processes(folder):
        name = name_of(thing)
        before = container_of(thing).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert (before > 0) == (name == "gateway")
        longest = before + (graceful if name == "gateway" else STOP_SECONDS)
        assert longest + 5 <= pod_of(thing)["terminationGracePeriodSeconds"] <= 60


@BOTH
def test_the_new_one_stands_before_the_old_one_goes_and_all_are_spread(folder):
    for thing in processes(folder):
        one_more = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
        assert thing["spec"]["strategy"] == one_more
        assert 0 < thing["spec"]["minReadySeconds"] <= 30
        spread = {one["topologyKey"]: one for one in pod_of(thing)["topologySpreadConstraints"]}
        assert set(spread) == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        for one in spread.values():
            assert (one["maxSkew"], one["whenUnsatisfiable"]) == (1, "ScheduleAnyway")
            assert one["labelSelector"] == {"matchLabels": {"app.kubernetes.io/part-of": "rapport"}}
            assert set(one["matchLabelKeys"]) == {*ROLE, "pod-template-hash"}


@BOTH
def test_a_drained_machine_takes_one_of_each_at_a_time(folder):
    budgets = named(folder, "PodDisruptionBudget")
    for thing in processes(folder):
        itself = {label: labels_of_pod(thing)[label] for label in ROLE}
        assert "-".join(itself.values()) in (name_of(thing), f"{name_of(thing)}-{name_of(thing)}")
        assert itself.items() <= thing["metadata"]["labels"].items()
        assert thing["spec"]["selector"] == budgets[name_of(thing)]["spec"]["selector"] == {"matchLabels": itself}
    broker = {"app.kubernetes.io/name": "broker", "app.kubernetes.io/component": "rabbitmq"}
    assert budgets["broker"]["spec"]["selector"] == {"matchLabels": broker}
    for name, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] == 1
        # Who is not ready is in nobody's way; of the broker's nodes one that is away is one that may be away.
        assert budget["spec"].get("unhealthyPodEvictionPolicy") == (None if name == "broker" else "AlwaysAllow")


def known_settings() -> set[str]:
    """What the code reads of its environment, and what its libraries do."""
    setting = re.compile(r'"((?:RAPPORT|STRIPE)_[A-Z_]+[A-Z])"')
    names = {name for _, text in sources("chassis", "services", "gateway") for name in setting.findall(text)}
    return names | {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


@BOTH
def test_what_the_environment_says_is_known_to_the_code(folder):
    told = {name for thing in ours(folder) for name in environment_of(thing) if "RAPPORT" in name}
    for thing in of_kind(folder, "ConfigMap", "Secret"):
        if name_of(thing) != "release":
            told |= set(thing["data"])
    assert told
    assert told - known_settings() == set()
    assert {"RAPPORT_AMQP_URI", "RAPPORT_DATABASE_URL", "RAPPORT_STORAGE", "RAPPORT_PUBLIC_URL"} <= told


@BOTH
def test_what_a_value_is_made_of_stands_before_it(folder):
    for thing in ours(folder):
        known: set[str] = set()
        for name, value in environment_of(thing).items():
            assert set(re.findall(r"\$\((\w+)\)", value)) <= known, name
            known.add(name)


def test_production_holds_no_secret_and_each_is_named_in_the_readme_and_fetched():
    assert of_kind(PRODUCTION, "Secret") == []
    (store,) = of_kind(PRODUCTION, "ObjectStore")
    wanted = {store["spec"]["configuration"]["s3Credentials"]["accessKeyId"]["name"]}
    wanted |= {name for thing in ours(PRODUCTION) for name in secrets_of(thing)}
    assert {thing["spec"]["target"]["name"] for thing in of_kind(SECRETS, "ExternalSecret")} == wanted
    read = (CHECKOUT / "deploy" / "k8s" / "README.md").read_text()
    assert [name for name in wanted if f"| `{name}` |" not in read] == []


def secrets_of(thing: Thing) -> list[str]:
    return [source["secretRef"]["name"] for source in container_of(thing)["envFrom"] if "secretRef" in source]


def test_the_first_account_is_made_in_the_same_version_of_what_the_readme_says():
    (job,) = of_kind(FIRST_ACCOUNT, "Job")
    assert secrets_of(job) == ["rapport-signing", "rapport-owner"]
    assert "| `rapport-owner` |" in (CHECKOUT / "deploy" / "k8s" / "README.md").read_text()
    version = named(PRODUCTION, "ConfigMap")["release"]["data"]["version"]
    assert container_of(job)["image"] == f"registry.example.com/rapport-welcome:{version}"
    assert labels_of_pod(job)["app.kubernetes.io/part-of"] == "rapport"  # so that it reaches the broker
    assert pod_of(job)["serviceAccountName"] in named(PRODUCTION, "ServiceAccount")


def test_the_gateway_is_reached_by_tls_alone():
    (ingress,) = of_kind(PRODUCTION, "Ingress")
    assert ingress["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.entrypoints"] == "websecure"


@BOTH
def test_everything_belongs_to_a_stage_of_the_roll_out(folder):
    stages = {"Job": "migration"} | dict.fromkeys(
        ["Deployment", "Service", "Ingress", "ScaledObject", "HorizontalPodAutoscaler", "PodDisruptionBudget"],
        "roll-out",
    )
    for thing in rendered(folder):
        if name_of(thing) != "mail":
            assert thing["metadata"]["labels"]["stage"] == stages.get(thing["kind"], "platform"), name_of(thing)


def test_argo_goes_through_the_stages_one_after_the_other():
    waves = {"platform": "-2", "migration": "-1", "roll-out": "0"}
    for thing in rendered(PRODUCTION):
        if name_of(thing) not in {"release", "to-traces"} and thing["kind"] not in {"PodMonitor", "PrometheusRule"}:
            stage = thing["metadata"]["labels"]["stage"]
            assert thing["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] == waves[stage], name_of(thing)


def test_in_production_everybody_is_watched():
    monitors = [thing["spec"] for thing in of_kind(PRODUCTION, "PodMonitor")]
    for thing in processes(PRODUCTION):
        (watched,) = [one for one in monitors if watches(one["selector"], labels_of_pod(thing))]
        (endpoint,) = watched["podMetricsEndpoints"]
        assert endpoint["path"] == "/metrics"
        assert endpoint["port"] in {port["name"] for port in container_of(thing)["ports"]}
    for name, pod in pods(PRODUCTION).items():
        if name == "broker" or "cnpg.io/cluster" in pod:
            (watched,) = [one for one in monitors if watches(one["selector"], pod)]
            port = "prometheus" if name == "broker" else "metrics"
            assert watched["podMetricsEndpoints"] == [{"port": port, "path": "/metrics", "interval": "15s"}]


def watches(selector: Thing, labels: dict[str, str]) -> bool:
    if not selects({"matchLabels": selector.get("matchLabels", {})}, labels):
        return False
    asked = selector.get("matchExpressions", [])
    return all(
        labels.get(one["key"]) in one["values"] if one["operator"] == "In" else one["key"] in labels for one in asked
    )


@pytest.mark.parametrize("stage", ["platform", "migration", "roll-out"])
def test_flux_is_shown_one_stage_by_the_patch_of_the_readme(stage, tmp_path):
    read = (CHECKOUT / "deploy" / "k8s" / "README.md").read_text()
    patches = re.search(r"```yaml\n(- target: .+?)```", read, re.DOTALL).group(1).replace("platform", stage)
    overlay = os.path.relpath(K8S / PRODUCTION, tmp_path)
    (tmp_path / "kustomization.yaml").write_text(f"resources: [{overlay}]\npatches:\n{patches}")
    shown = {(thing["kind"], name_of(thing)) for thing in rendered(str(tmp_path))}
    wanted = [thing for thing in rendered(PRODUCTION) if thing["metadata"]["labels"]["stage"] == stage]
    assert shown == {(thing["kind"], name_of(thing)) for thing in wanted}
