"""What `kubectl kustomize` makes of deploy/k8s, as objects."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local import CHECKOUT

K8S = CHECKOUT / "deploy" / "k8s"
PRODUCTION = "overlays/production"
OVERLAYS = ("overlays/local", PRODUCTION)
FIRST_ACCOUNT = "templates/owner"
SECRETS = "components/external-secrets"
TO_BE_ADDED = ("templates/subscriber", "templates/restore", FIRST_ACCOUNT, SECRETS)
"""What is rendered by itself here, and stands beside or in an overlay."""
Thing = dict[str, Any]


class Plain(yaml.SafeLoader):
    """YAML as Kubernetes reads it: what looks like a moment is a word."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@cache
def rendered(folder: str) -> list[Thing]:
    """The objects of an overlay, a template or a component."""
    kubectl = Path(sys.executable).with_name("kubectl")  # of the wheel, not the machine's
    done = subprocess.run([kubectl, "kustomize", K8S / folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.load_all(done.stdout, Plain))


def of_kind(folder: str, *kinds: str) -> list[Thing]:
    return [thing for thing in rendered(folder) if thing["kind"] in kinds]


def named(folder: str, kind: str) -> dict[str, Thing]:
    return {name_of(thing): thing for thing in of_kind(folder, kind)}


def name_of(thing: Thing) -> str:
    return thing["metadata"]["name"]


def ours(folder: str) -> list[Thing]:
    """Deployments and Jobs that run our images."""
    runs = of_kind(folder, "Deployment", "Job")
    return [thing for thing in runs if thing["metadata"]["labels"].get("app.kubernetes.io/part-of") == "rapport"]


def pod_of(thing: Thing) -> Thing:
    return thing["spec"]["template"]["spec"]


def labels_of_pod(thing: Thing) -> dict[str, str]:
    return thing["spec"]["template"]["metadata"]["labels"]


def container_of(thing: Thing) -> Thing:
    (container,) = pod_of(thing)["containers"]
    return container


def environment_of(thing: Thing) -> dict[str, str]:
    """What the environment says by value; what comes of a Secret is empty."""
    return {one["name"]: one.get("value", "") for one in container_of(thing).get("env", [])}


def selects(selector: Thing, labels: dict[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}
    return selector.get("matchLabels", {}).items() <= labels.items()


def sources(*folders: str) -> Iterator[tuple[Path, str]]:
    """The code of some packages."""
    for folder in folders:
        for path in (CHECKOUT / folder).rglob("*.py"):
            yield path, path.read_text()


def imports(folder: str, module: str) -> bool:
    """Whether any code of a package imports a module."""
    parent, _, last = module.rpartition(".")
    wanted = rf"^\s*(import {re.escape(module)}\b|from {re.escape(module)}\b"
    wanted += rf"|from {re.escape(parent)} import .*\b{last}\b)" if parent else ")"
    return any(re.search(wanted, text, re.MULTILINE) for _, text in sources(folder))
