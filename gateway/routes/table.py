"""The words that the tables of routes are written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contracts.errors import Stale
from contracts.language import PUBLIC, Rpc

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
MULTIPART = "multipart/form-data"
PREFIX = "/v1"


@dataclass(frozen=True)
class Route:
    """One row: where a question of a contract stands on the web.

    `makes` is the path of what a creation made, filled from the answer: it turns the answer into 201 with `Location`.
    `view` answers instead of the one view; it gets the row and the path's parameters. What `moves_by_itself` may be
    otherwise at the same version, so it is always said and never 304.
    """

    method: str
    path: str
    rpc: Rpc
    status: int = 200
    makes: str | None = None
    view: Callable[..., Any] | None = None
    accepts: tuple[str, ...] = (JSON,)
    produces: tuple[str, ...] = (JSON,)
    moves_by_itself: bool = False

    @property
    def rule(self) -> str:
        return PREFIX + self.path

    @property
    def endpoint(self) -> str:
        return f"{self.method.lower()} {self.rule}"

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key makes it safe to repeat; keys are kept by actor, so public doors have none."""
        return self.method == "POST" and self.rpc.writes and self.rpc.needs != PUBLIC

    @property
    def heeds_version(self) -> bool:
        """Whether If-Match refuses it when the record has changed."""
        return Stale in self.rpc.raises

    @cached_property
    def has_etag(self) -> bool:
        return self.status != 204 and self.produces == (JSON,) and "version" in self.rpc.gives().fields

    @cached_property
    def may_be_unchanged(self) -> bool:
        """Whether If-None-Match spares the answer."""
        return self.has_etag and self.method == "GET" and not self.moves_by_itself

    @cached_property
    def is_passed_on(self) -> bool:
        """Whether nothing of the answer is read on its way."""
        return self.status == 200 and not (self.makes or self.has_etag)

    @property
    def has_body(self) -> bool:
        return self.method in ("POST", "PATCH", "PUT")


def get(path: str, rpc: Rpc, **options: Any) -> Route:
    return Route("GET", path, rpc, **options)


def post(path: str, rpc: Rpc, **options: Any) -> Route:
    if "makes" in options:
        options.setdefault("status", 201)
    return Route("POST", path, rpc, **options)


def patch(path: str, rpc: Rpc, **options: Any) -> Route:
    return Route("PATCH", path, rpc, accepts=(MERGE_PATCH, JSON), **options)


def put(path: str, rpc: Rpc, **options: Any) -> Route:
    return Route("PUT", path, rpc, **options)


def delete(path: str, rpc: Rpc, **options: Any) -> Route:
    options.setdefault("status", 204)
    return Route("DELETE", path, rpc, **options)
