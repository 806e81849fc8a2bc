"""Hold what is rendered against the operators' own definitions: `python -m tests.deploy.against FILE …`.

The files are CustomResourceDefinitions as an operator's release has them, or `kubectl get crd -o yaml` of a cluster.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tests.deploy.rendering import OVERLAYS, TO_BE_ADDED, name_of, rendered


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """The same, refusing what it does not name, as the API server does when it is asked to be strict."""
    made = {name: value for name, value in schema.items() if not name.startswith("x-")}
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    if "properties" in schema:
        made["properties"] = {name: strict(below) for name, below in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            made[name] = strict(schema[name])
    return made


def definitions(files: list[str]) -> dict[str, dict[str, Any]]:
    """The schema of each kind, by `apiVersion/Kind`."""
    found = {}
    for file in files:
        for document in yaml.safe_load_all(Path(file).read_text()):
            for crd in document.get("items", [document]):
                for version in crd["spec"]["versions"]:
                    kind = f"{crd['spec']['group']}/{version['name']}/{crd['spec']['names']['kind']}"
                    found[kind] = strict(version["schema"]["openAPIV3Schema"])
    return found


def main(files: list[str]) -> int:
    """Say what does not fit; 0 when all does."""
    known, held, wrong = definitions(files), 0, 0
    for folder in (*OVERLAYS, *TO_BE_ADDED):
        for thing in rendered(folder):
            schema = known.get(f"{thing['apiVersion']}/{thing['kind']}")
            held += schema is not None
            for error in jsonschema.Draft202012Validator(schema).iter_errors(thing) if schema else ():
                wrong += 1
                print(f"{folder} {thing['kind']} {name_of(thing)}: {error.json_path}: {error.message[:200]}")
    print(f"{held} objects held against {len(known)} definitions, {wrong} faults")
    return 1 if wrong or not held else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
