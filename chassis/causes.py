"""What something comes of: the request that was made, where its trace stands, and who made it.

It goes with a call and an event by themselves; a row that waits for an errand keeps it, as a job does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from chassis import telemetry, tracing
from chassis.actor import NOBODY, Actor


class Heard(Protocol):
    """An event, as far as its own cause goes."""

    @property
    def subject(self) -> str | None: ...
    @property
    def actor(self) -> Mapping[str, Any] | None: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def traceparent(self) -> str | None: ...


class Cause(NamedTuple):
    """Which request, in which trace, by whom."""

    request_id: str | None = None
    traceparent: str | None = None
    actor: Actor = NOBODY

    @property
    def who(self) -> dict[str, Any] | None:
        """Who made the request, as an event says it."""
        actor = self.actor
        return {"id": actor.id, "name": actor.name, "role": actor.role} if actor.id else None

    @property
    def told(self) -> dict[str, Any]:
        """As an event says it, and as a row keeps it."""
        return {"request_id": self.request_id, "traceparent": self.traceparent, "actor": self.who}


def itself(service: str) -> Actor:
    """A service that acts by itself."""
    return Actor(f"service:{service}", "service", service)


def cause_of(event: Heard) -> Cause:
    """The cause that an event goes on with."""
    return Cause(event.request_id, event.traceparent, _actor(event.actor))


def kept_cause(kept: Mapping[str, Any] | None, service: str) -> Cause:
    """The cause that a row has kept; where it kept none, nobody asked and the service acts by itself."""
    if kept is None:
        return Cause(actor=itself(service))
    who = kept["actor"]
    return Cause(kept["request_id"], kept["traceparent"], _actor(who) if who else itself(service))


def shared_cause(causes: Iterable[Cause], service: str) -> Cause:
    """What all of these agree on: of several requests it is none, of several people's deeds the service's own."""
    requests, traces, actors = (set(each) for each in zip(*causes, strict=True))
    same = len(requests) == 1
    return Cause(
        requests.pop() if same else None,
        min(traces - {None}, default=None) if same else None,
        actors.pop() if len(actors) == 1 else itself(service),
    )


def _actor(who: Mapping[str, Any] | None) -> Actor:
    who = who or {}
    return Actor(who.get("id"), who.get("role"), who.get("name") or "")


class Caused:
    """What comes of something: of one cause, or of a batch of events, each contact's part of an event of its own."""

    def __init__(self, service: str, cause: Cause) -> None:
        self.service = service
        self.request_id, self.traceparent, self.actor = cause
        self._causes: dict[str, Cause] = {}

    @property
    def cause(self) -> Cause:
        """What all of this comes of, as far as that is one thing."""
        return Cause(self.request_id, self.traceparent, self.actor)

    @property
    def is_of_many(self) -> bool:
        """Whether it depends on the contact what something comes of."""
        return bool(self._causes)

    def cause_of(self, contact_id: str | None) -> Cause:
        """What that comes of which is done about this contact."""
        cause = self._causes.get(contact_id or "") or self.cause
        return cause._replace(traceparent=tracing.traces.below(cause.traceparent))

    def by_cause(self, contact_ids: Iterable[str]) -> list[tuple[Cause, list[str]]]:
        """These contacts, by what that comes of which is done about them."""
        parts: dict[Cause, list[str]] = {}
        for contact_id in contact_ids:
            parts.setdefault(self.cause_of(contact_id), []).append(contact_id)
        return list(parts.items())

    def follow(self, cause: Cause) -> None:
        """From here on what is told, asked and logged comes of that."""
        self.request_id, self.traceparent, self.actor = cause
        self._causes = {}
        telemetry.go_on(self.request_id)

    def go_on(self, kept: Mapping[str, Any] | None) -> None:
        """From here on it comes of what a row has kept of its cause (`work.cause_of(contact_id).told`)."""
        self.follow(kept_cause(kept, self.service))

    def because_of(self, events: Sequence[Heard]) -> None:
        """From here on what is done about a contact comes of the newest of these events that is about it, and all else
        of what they have in common."""
        newest = {event.subject: cause_of(event) for event in events if event.subject}
        self._come_of(map(cause_of, events), newest)

    def because_of_each(self, events: Mapping[str, Heard | None]) -> None:
        """The same, where it is said which event is to count for which contact; None: none does, and nobody asked."""
        nobody = Cause(actor=itself(self.service))
        causes = {contact_id: cause_of(event) if event else nobody for contact_id, event in events.items()}
        self._come_of(causes.values(), causes)

    def _come_of(self, causes: Iterable[Cause], by_contact: dict[str, Cause]) -> None:
        self.follow(shared_cause(causes, self.service))
        if {*by_contact.values()} != {self.cause}:
            self._causes = by_contact

    def by_itself(self) -> None:
        """From here on it is the service that acts, and not the person whose deed it follows."""
        self.actor = itself(self.service)
        self._causes = {about: cause._replace(actor=self.actor) for about, cause in self._causes.items()}
