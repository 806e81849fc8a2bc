"""tests/deploy/shapes.yaml as JSON Schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

TYPES = ("string", "integer", "boolean")


@cache
def shapes() -> dict[str, dict[str, Any]]:
    """The schema of each kind's `spec`, by `apiVersion/Kind`."""
    return {
        kind: schema_of(shape)
        for kind, shape in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text()).items()
    }


def schema_of(shape: Any) -> dict[str, Any]:
    """JSON Schema of a shape, in which nothing passes that it does not name."""
    if isinstance(shape, list):
        return {"type": "array", "items": schema_of(shape[0])}
    if isinstance(shape, dict):
        if set(shape) == {"string"}:
            return {"type": "object", "additionalProperties": schema_of(shape["string"])}
        parts = {name.rstrip("!"): schema_of(below) for name, below in shape.items()}
        needed = [name.rstrip("!") for name in shape if name.endswith("!")]
        return {"type": "object", "properties": parts, "required": needed, "additionalProperties": False}
    if shape == "any":
        return {}
    return {"type": shape} if shape in TYPES else {"enum": shape.split("|")}
