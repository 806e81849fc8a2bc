"""What a use case gets: a session, the actor, the time, and a way to tell and to ask."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis import tables, tracing
from chassis.actor import NOBODY, Actor
from chassis.bell import EVENTS, JOBS
from chassis.calls import Context
from chassis.causes import Cause, Caused
from chassis.deadlines import seconds_for_inner
from chassis.idempotency import AlreadyDone, Once
from chassis.ids import new_id
from chassis.rows import array_of
from chassis.wire import dumps
from contracts.errors import Invalid, Stale
from contracts.language import Event, Rpc

if TYPE_CHECKING:
    from chassis.service import Runtime

SAFE_ROWS = 1000
_TELL = """
    INSERT INTO events (id, type, subject, time, data, actor, request_id, traceparent)
    SELECT id, type, subject, time, data, actor, request_id, traceparent FROM jsonb_to_recordset(%(told)s) AS told (
        id uuid, type text, subject uuid, time timestamptz, data jsonb, actor jsonb, request_id text, traceparent text
    )
"""
_TELL_ALIKE = """
    INSERT INTO events (id, type, subject, time, data, actor, request_id, traceparent)
    SELECT uuidv7(), %(type)s, subject, %(time)s, %(data)s, %(actor)s, %(request_id)s, %(traceparent)s
    FROM unnest(%(subjects)s::uuid[]) AS subject
"""


class Work(Caused):
    """One unit of work: everything in it is committed together with the events that it records, or nothing is."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        actor: Actor = NOBODY,
        key: str | None = None,
        expected_version: int | None = None,
        request_id: str | None = None,
        traceparent: str | None = None,
        ends: float | None = None,
        reading: bool = False,
    ) -> None:
        super().__init__(runtime.service, Cause(request_id, traceparent, actor))
        self._runtime = runtime
        self.key = key
        self.expected_version = expected_version
        self._ends = ends  # on the monotonic clock: when the first caller gives up
        self.now: dt.datetime = runtime.clock()
        self._reading = reading
        self._session: Session | None = None
        self._glance: Session | None = None
        self._connection: sa.Connection | None = None
        self._told: list[dict[str, Any]] = []
        self._told_alike: list[dict[str, Any]] = []
        self._woken = False
        self._afterwards: list[Callable[[], object]] = []
        self._key_of_call: Once | None = None

    @property
    def session(self) -> Session:
        """The session of this transaction; for a read, one outside of any."""
        if self._session is None:
            self._session = self._runtime.reader() if self._reading else self._runtime.writer()
        return self._session

    @property
    def connection(self) -> sa.Connection:
        """The connection below the session, for what is asked most: a session takes half as long again as a row."""
        if not self._reading:
            self.session.flush()  # what was changed through the session is seen
            return self.session.connection()
        if self._connection is None:
            self._connection = self._runtime.reading_engine.connect()
        return self._connection

    @property
    def reading(self) -> Session:
        """A session for a look beforehand: outside of the transaction, so that asking is allowed afterwards."""
        if self._glance is None:
            self._glance = self._runtime.reader()
        return self._glance

    def record(self, event: Event, contact_id: str | None, **data: Any) -> None:
        """Tell that something happened, when and only if this transaction commits."""
        self.record_many(event, [(contact_id, data)])

    def record_many(
        self, event: Event, told: Iterable[tuple[str | None, dict[str, Any]]], *, at: dt.datetime | None = None
    ) -> None:
        """Tell many events of one kind, each `(contact id, data)`; `at`: when it happened, if not just now."""
        kind, dump = self._kind(event), self._runtime.schema(event.data).dump
        same = None if self.is_of_many else self.cause_of(None).told
        for contact_id, data in told:
            said = {"id": new_id(), "subject": contact_id, "time": at or self.now, "data": dump(data)}
            self._told.append(kind | said | (same or self.cause_of(contact_id).told))

    def record_alike(self, event: Event, contact_ids: Sequence[str], **data: Any) -> None:
        """Tell the same of very many contacts, an event each; one statement, whatever their number."""
        said = dumps(self._runtime.schema(event.data).dump(data))
        kind = self._kind(event) | {"time": self.now, "data": said}
        for cause, some in self.by_cause(contact_ids):
            self._told_alike.append(kind | cause.told | {"subjects": array_of(some)})

    def _kind(self, event: Event) -> dict[str, Any]:
        if event.service != self._runtime.service:
            raise ValueError(f"{event.type} is told by {event.service}, not by {self._runtime.service}.")
        return {"type": event.type}

    def ask(self, rpc: Rpc, /, **request: Any) -> Any:
        """Ask another service, in the name of this one. Never inside a transaction: a slow answer would hold locks."""
        return self._runtime.calls.ask(rpc, request, self._asking(str(rpc)))

    def ask_at(self, version: int, rpc: Rpc, /, **request: Any) -> Any:
        """Ask for a change of a record that must still be at this version; Stale tells that it is not."""
        return self._runtime.calls.ask(rpc, request, self._asking(str(rpc), expected_version=version))

    def ask_once(self, key: str, rpc: Rpc, /, **request: Any) -> Any:
        """Ask for a write that is done once for this key, however often it is asked; the first answer is given."""
        return self._runtime.calls.ask(rpc, request, self._asking(str(rpc), key=key))

    def ask_all(self, questions: Sequence[tuple[Rpc, dict[str, Any]]]) -> list[Any]:
        """Ask several at once, as `ask` does; where one refuses or is missing, its Problem stands in the list."""
        what = ", ".join(str(rpc) for rpc, _ in questions)
        return self._runtime.calls.ask_all(questions, self._asking(what))

    def _asking(self, what: str, *, expected_version: int | None = None, key: str | None = None) -> Context:
        if self._session is not None and not self._reading and self._session.in_transaction():
            raise RuntimeError(f"{what} was asked inside a transaction.")
        left = None if self._ends is None else seconds_for_inner(self._ends - time.monotonic())
        return Context(
            self._runtime.token(),
            self.request_id,
            key=key,
            expected_version=expected_version,
            deadline=left,
            traceparent=self.traceparent,
        )

    def seconds_left(self, otherwise: float) -> float:
        """Until the first caller gives up; `otherwise` where nobody said how long they wait."""
        return otherwise if self._ends is None else self._ends - time.monotonic()

    @property
    def asked_by(self) -> dict[str, Any]:
        """Who asks, as a service says it when it asks another in their name."""
        return {"id": self.actor.id, "role": self.actor.role, "name": self.actor.name}

    def act_for(self, asked_by: Mapping[str, Any] | None) -> None:
        """From here on who asked the service acts, if it says who; from anybody but a service that is refused."""
        if asked_by is None:
            return
        if self.actor.role != "service":
            raise Invalid.field("/asked_by", "Only a service asks in somebody's name.")
        self.actor = Actor(asked_by["id"], asked_by["role"], asked_by["name"])

    def expect(self, version: int) -> None:
        """Refuse with Stale when the caller's If-Match names another version."""
        if self.expected_version is not None and self.expected_version != version:
            raise Stale(f"The record is at version {version}, not {self.expected_version}.", version=version)

    def start_job(self, kind: str, input: dict[str, Any], cause: Cause | None = None) -> str:
        """Queue a job with this transaction, and give its id; it comes of the same, unless another cause is named."""
        job_id = new_id()
        request_id, traceparent, actor = cause or self.cause
        who = {"id": actor.id, "name": actor.name, "role": actor.role, "scopes": sorted(actor.scopes)}
        told = {"request_id": request_id, "traceparent": tracing.traces.below(traceparent), "actor": who}
        self.session.execute(sa.insert(tables.jobs).values(id=job_id, kind=kind, input=input, **told))
        self.wake()
        return job_id

    def wake(self) -> None:
        """Call the jobs and errands of this service to work when this commits, rather than at their next look."""
        self._woken = True

    def breathe(self) -> None:
        """Let others in this process run; for loops that compute for long."""
        self._runtime.breathe()

    def commit(self) -> None:
        """Keep and tell what stands, and go on in a new transaction; only around a call to a provider."""
        self._say_all()
        self.session.commit()
        self._follow_up()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Do all of this block or, when it raises, nothing of it, neither rows nor news; the transaction goes on."""
        told, alike, afterwards = len(self._told), len(self._told_alike), len(self._afterwards)
        try:
            with self.session.begin_nested():
                yield
        except Exception:
            del self._told[told:], self._told_alike[alike:], self._afterwards[afterwards:]
            raise

    def then(self, do: Callable[[], object]) -> None:
        """Do this when the transaction is committed; nothing that may fail, for it is too late to refuse."""
        self._afterwards.append(do)

    def _say_all(self) -> bool:
        """Say what the transaction still has to say; true when it said COMMIT as well."""
        self.session.flush()  # what changed first, what is told of it after: positions follow the row locks
        for alike in self._told_alike:
            self._execute(_TELL_ALIKE, alike | {"actor": dumps(alike["actor"]) if alike["actor"] else None})
        for start in range(0, len(self._told) - SAFE_ROWS, SAFE_ROWS):
            self._execute(_TELL, {"told": _as_json(self._told[start : start + SAFE_ROWS])})
        rest = len(self._told) % SAFE_ROWS or SAFE_ROWS
        return self._say_last(self._told[-rest:])

    def _say_last(self, told: list[dict[str, Any]]) -> bool:
        """Tell, keep the call's key and commit, in one round trip; false when there was nothing to say."""
        words, values = [], {}
        if told:
            words, values = [_TELL], {"told": _as_json(told)}
        if self._key_of_call is not None:
            statement, more = self._key_of_call.last_words()
            words, values = [*words, statement], values | more
        if not words:
            return False
        try:
            self._execute(";".join([*words, "COMMIT"]), values)
        except IntegrityError as error:
            if self._key_of_call is not None and self._key_of_call.came_second(error):
                raise AlreadyDone from error
            raise
        if self._key_of_call is not None:
            self._key_of_call.kept()
        return True

    def _execute(self, statement: str, values: dict[str, Any]) -> None:
        self.session.connection().exec_driver_sql(statement, values)

    def once(self, key: Once) -> None:
        """Keep this key with the transaction; the chassis' own, for calls that may come twice."""
        self._key_of_call = key

    def __enter__(self) -> Work:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and not self._reading and (self._session is not None or self._told or self._told_alike):
                if not self._say_all():
                    self.session.commit()
                self._follow_up()
        finally:
            for opened in (self._session, self._glance, self._connection):
                if opened is not None:
                    opened.close()

    def _follow_up(self) -> None:
        """Ring, and do what waited for the commit."""
        channels = ([EVENTS] if self._told or self._told_alike else []) + ([JOBS] if self._woken else [])
        self._runtime.ring(*channels)
        self._told, self._told_alike, self._woken = [], [], False
        while self._afterwards:
            self._afterwards.pop(0)()


def _as_json(told: list[dict[str, Any]]) -> str:
    return dumps([event | {"time": event["time"].isoformat()} for event in told])
