"""How things look on the wire: strict JSON, header names, refusals as data."""

from __future__ import annotations

import json
from typing import Any

from contracts import errors
from contracts.errors import Broken, Invalid, Problem

CONTEXT = "nameko."
"""nameko passes headers of this prefix on as context data, so a stock nameko client can set them too."""
ACTOR, REQUEST_ID, KEY, VERSION, SECONDS_LEFT, TRACE = (
    f"{CONTEXT}{name}" for name in ("actor", "request_id", "key", "if_version", "seconds_left", "traceparent")
)
RPC_EXCHANGE = "nameko-rpc"
LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of an RPC request or an event; a larger one is refused unread."""


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode  # made once: json.loads makes one a call


def loads(body: bytes | str) -> Any:
    """Read JSON and nothing else: no NaN, no hooks that turn data into objects.

    Raises ValueError; a document nested too deeply is a ValueError as well.
    """
    try:
        if not isinstance(body, str):
            body = body.decode(json.detect_encoding(body), "surrogatepass")
        return _decode(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None


dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
"""Write compact JSON."""


_RESULT, _NO_ERROR = '{"result":', ',"error":null}'
"""What stands around the result in an answer that is no refusal."""


def reply(*, result: Any = None, error: dict[str, Any] | None = None) -> bytes:
    """Write an answer, always as UTF-8: a refusal may quote half a character that no service would keep."""
    return dumps({"result": result, "error": error}).encode("utf-8", "replace")


def result_as_written(body: bytes | str) -> str | None:
    """The result in an answer of `reply`, unread; None for a refusal, and for what another hand wrote."""
    if isinstance(body, str) and body.startswith(_RESULT) and body.endswith(_NO_ERROR):
        return body[len(_RESULT) : -len(_NO_ERROR)]
    return None


def problem_to_wire(problem: Problem) -> dict[str, Any]:
    """Write a refusal so that a stock nameko client understands it too."""
    kind = type(problem)
    return {
        "exc_type": kind.__name__,
        "exc_path": f"{kind.__module__}.{kind.__name__}",
        "exc_args": [problem.detail],
        "value": problem.detail,
        "problem": {"errors": problem.errors, "extra": problem.extra},
    }


_PROBLEMS = {
    f"{kind.__module__}.{name}": kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, Problem)
}


def problem_from_wire(error: dict[str, Any]) -> Problem:
    """Read a refusal; one that we do not know is Broken, its text kept out of the answer."""
    kind = _PROBLEMS.get(error.get("exc_path", ""), Broken)
    args = error.get("exc_args") or [""]
    told = error.get("problem") or {}
    detail = str(args[0]) if kind is not Broken else "The service failed; the log has the same request id."
    return kind(detail, told.get("errors"), **told.get("extra", {}))


def request_from_wire(body: bytes) -> dict[str, Any]:
    """Read a call's arguments: keyword arguments, or one positional object (nameko's envelope)."""
    try:
        envelope = loads(body)
        args, kwargs = envelope["args"], envelope["kwargs"]
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("The request is not a JSON object of `args` and `kwargs`.") from error
    if args == [] and isinstance(kwargs, dict):
        return kwargs
    if isinstance(args, list) and len(args) == 1 and isinstance(args[0], dict) and not kwargs:
        return args[0]
    raise Invalid("Pass keyword arguments, or one object.")


def pointers(messages: Any, at: str = "") -> list[dict[str, str]]:
    """Flatten marshmallow's nested messages into JSON pointers (RFC 6901)."""
    if isinstance(messages, dict):
        found: list[dict[str, str]] = []
        for name, below in messages.items():
            step = "" if name == "_schema" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            found += pointers(below, at + step)
        return found
    return [{"pointer": at, "detail": str(text)} for text in (messages if isinstance(messages, list) else [messages])]
