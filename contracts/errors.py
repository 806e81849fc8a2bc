"""The ways a request is refused. They cross the wire by module path, so moving one is a migration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Problem(Exception):
    """A refusal that the caller can act upon.

    `errors` is a list of `{"pointer": "/emails/0/value", "detail": "…"}` (JSON pointers, RFC 6901);
    `extra` holds further members of the problem document (RFC 9457).
    """

    status = 500
    title = "Internal error"

    def __init__(self, detail: str = "", errors: list[dict[str, Any]] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []
        self.extra = extra


class Invalid(Problem):
    """What was sent does not make sense as it stands."""

    status = 422
    title = "Invalid request"

    @classmethod
    def field(cls, pointer: str, detail: str) -> Invalid:
        """Refuse one field, named by its JSON pointer."""
        return cls(detail, [{"pointer": pointer, "detail": detail}])


class NotSignedIn(Problem):
    """No valid token came with the request."""

    status = 401
    title = "Not signed in"


class Forbidden(Problem):
    """The actor is known and may not do this."""

    status = 403
    title = "Forbidden"


class NotFound(Problem):
    """There is nothing of that id that the actor can reach."""

    status = 404
    title = "Not found"


class Gone(Problem):
    """It was there, and is not kept so long."""

    status = 410
    title = "No longer kept"


@contextmanager
def named_at(pointer: str | None) -> Iterator[None]:
    """Refuse an id of the body that is nobody's at its pointer: NotFound is of the path. None: the id is of that."""
    try:
        yield
    except NotFound as refusal:
        if pointer is None:
            raise
        raise Invalid.field(pointer, refusal.detail) from None


@contextmanager
def found_under(pointer: str) -> Iterator[None]:
    """Refuse what was sent on to another from this place of the body with pointers that begin there."""
    try:
        yield
    except Problem as refusal:
        refusal.errors = [{**error, "pointer": pointer + error["pointer"]} for error in refusal.errors]
        raise


class Conflict(Problem):
    """It contradicts what is already there."""

    status = 409
    title = "Conflict"

    @classmethod
    def field(cls, pointer: str, detail: str, **extra: Any) -> Conflict:
        """Refuse for what one field says, named by its JSON pointer."""
        return cls(detail, [{"pointer": pointer, "detail": detail}], **extra)


class Blocked(Problem):
    """Something stands in the way; every blocker is named in `errors`."""

    status = 409
    title = "Blocked"


class Stale(Problem):
    """The record changed since the caller read it (If-Match)."""

    status = 412
    title = "Changed meanwhile"


class Merged(Problem):
    """The record lives on under another id: `extra["survivor"]`."""

    status = 308
    title = "Merged"


class Throttled(Problem):
    """Too many tries; `extra["retry_after"]` says how many seconds to wait."""

    status = 429
    title = "Too many requests"


class Unavailable(Problem):
    """A service did not answer within the time limit; trying again later is safe."""

    status = 503
    title = "Service unavailable"


class Broken(Problem):
    """A service failed in a way that it did not foresee; the log has the same request id."""

    status = 500
    title = "Internal error"
