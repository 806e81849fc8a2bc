"""Listening: each event is applied once, in batches where they come fast, retried when it fails, parked when it must.

Every listener has a queue and a green thread of its own, so that a slow one holds up nobody else. A batch is one
transaction; when it fails, each of its events gets a transaction of its own, and only those that fail are retried.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from eventlet import sleep
from eventlet.queue import Empty, LightQueue
from eventlet.semaphore import Semaphore
from marshmallow import EXCLUDE
from nameko.extensions import Entrypoint, SharedExtension

from chassis import inbox, metrics, suspects, telemetry, topology, tracing
from chassis.broker import BROKEN, Publisher
from chassis.consumer import Consumer, Delivery, Subscription, settle_all
from chassis.database import TROUBLE, is_worth_repeating
from chassis.retries import next_place
from chassis.told import Told, Unreadable, read
from chassis.work import Work
from contracts.language import Event

if TYPE_CHECKING:
    from chassis.service import Runtime

BATCH = 64
LINGER_SECONDS = 0.03
FINISH_SECONDS = 5.0
"""So long a process that leaves goes on with the events that it has taken: a delivery that comes back is counted and
applied alone, and is to be told from one that killed somebody."""
STREAM = 4
"""After a batch that was not full the next events gather for so long, and twice as long after so many: a lone one is
applied at once, a stream of them in batches."""
log = telemetry.logger(__name__)


class Listeners(SharedExtension):
    """All listeners of a process: one connection to consume by, one green thread each."""

    def __init__(self) -> None:
        self.doors: list[Hearing] = []
        self._loops: list[_Loop] = []
        self._consumer: Consumer | None = None
        self._until = math.inf

    def start(self) -> None:
        """Begin to consume, when this process plays the role."""
        runtime: Runtime = self.container.config["runtime"]
        if "events" not in runtime.roles or not self.doors:
            return
        self._loops = [_Loop(runtime, door) for door in self.doors]
        self._consumer = Consumer(
            runtime.settings.amqp_uri,
            [loop.subscription() for loop in self._loops],
            lock=Semaphore(),
            sleep=sleep,
            idle=self._nothing_in_hand,
            failed=lambda error: log.warning("broker lost", role="events", error=telemetry.described(error)),
        )
        runtime.consumers["events"] = self._consumer
        for loop in self._loops:
            self.container.spawn_managed_thread(loop.run, identifier=loop.queue)
        self._thread = self.container.spawn_managed_thread(self._consumer.run, identifier="events")

    def finish(self) -> None:
        """Stop taking events, and apply those taken; what is not begun in time goes back to the broker."""
        if self._consumer is not None:
            self._until = time.monotonic() + FINISH_SECONDS
            self._consumer.stop()
            self._thread.wait()
            self._stop_loops()

    def _nothing_in_hand(self) -> bool:
        if time.monotonic() > self._until:
            self._stop_loops()
        return not any(loop.busy or loop.has_more for loop in self._loops)

    def _stop_loops(self) -> None:
        for loop in self._loops:
            loop.stopping = True


class Hearing(Entrypoint):
    """The door of one listener."""

    listeners = Listeners()

    def __init__(
        self, told: tuple[Event, ...], reaction: Callable[..., Any], gather: float = 0.0, most: int = BATCH
    ) -> None:
        super().__init__()
        self.told, self.reaction, self.gather, self.most = told, reaction, gather, most

    def setup(self) -> None:
        """Join the listeners of the process."""
        self.listeners.doors.append(self)
        runtime: Runtime = self.container.config["runtime"]
        runtime.queues.append(topology.queue_of(runtime.service, self.method_name))

    def stop(self) -> None:
        """Wait until every listener has finished what it is at."""
        self.listeners.finish()


class _Loop:
    """One listener at work."""

    def __init__(self, runtime: Runtime, door: Hearing) -> None:
        self._runtime, self._door = runtime, door
        self.queue = topology.queue_of(runtime.service, door.method_name)
        self._known = {(event.service, event.type): (event, event.data(unknown=EXCLUDE)) for event in door.told}
        self._arrived: LightQueue = LightQueue()
        self._publisher = Publisher(runtime.settings.amqp_uri)
        self.busy = self.stopping = False

    @property
    def has_more(self) -> bool:
        """Whether events were taken that are to be applied yet."""
        return not self.stopping and not self._arrived.empty()

    def subscription(self) -> Subscription:
        return Subscription(self.queue, self._door.most, self._arrived.put, self._declare)

    def run(self) -> None:
        """Apply what arrives: a single one first, then twice as many each time, so that a process that dies again and
        again gets something done in every life."""
        most = 1
        while not self.stopping:
            batch = [self._arrived.get()]
            self.busy = True
            try:
                sleep(self._door.gather)  # also by 0 s: what came in the same breath is applied in the same transaction
                while len(batch) < most:
                    try:
                        batch.append(self._arrived.get_nowait())
                    except Empty:
                        break
                if self.stopping:
                    return
                self._apply_all(batch)
            finally:
                self.busy = False
            if len(batch) < most:
                sleep(LINGER_SECONDS * (2 if len(batch) >= STREAM else 1))
            most = min(2 * most, self._door.most)

    def _declare(self, channel: Any) -> None:
        topology.declare_service(channel, self._runtime.service, self._runtime.settings.retry_delays)
        topology.declare_listener(channel, self._runtime.service, self._door.method_name, self._door.told)

    def _apply_all(self, batch: list[Delivery]) -> None:
        readable: list[tuple[Delivery, Told]] = []
        for delivery in batch:
            try:
                readable.append((delivery, read(delivery, self._known)))
            except Unreadable as error:
                self._put_aside(delivery, error)
        self._apply_alone([pair for pair in readable if pair[0].redelivered])
        fresh = [pair for pair in readable if not pair[0].redelivered]
        try:
            if len(fresh) > 1:
                self._apply(fresh)
                return
        except Exception as error:
            log.info("events are applied one by one", listener=self.queue, error=telemetry.described(error))
        self._apply_alone(fresh)

    def _apply_alone(self, pairs: list[tuple[Delivery, Told]]) -> None:
        """Apply each in a transaction of its own; one that failed is put aside, and one that came back is counted."""
        for delivery, told in pairs:
            if self.stopping:
                return
            try:
                if delivery.redelivered:
                    self._outlast(partial(suspects.count, self._runtime, self._door.method_name, told.id))
                self._apply([(delivery, told)])
            except Exception as error:
                self._put_aside(delivery, error)

    def _apply(self, pairs: list[tuple[Delivery, Told]]) -> None:
        """Apply in one transaction, then settle."""
        began = time.perf_counter()
        if not self._outlast(lambda: self._transact([told for _, told in pairs])):
            return
        settle_all([delivery for delivery, _ in pairs])
        self._count([told for _, told in pairs], time.perf_counter() - began)
        self._say([told for _, told in pairs])

    def _count(self, batch: list[Told], took: float) -> None:
        mine = self._runtime.service, self._door.method_name
        metrics.of(metrics.APPLIED, *mine).inc(len(batch))
        metrics.of(metrics.APPLYING, *mine).observe(took)
        age, now = metrics.of(metrics.AGE, *mine), time.time()
        for told in batch:
            age.observe(max(0.0, now - told.recorded_at))

    def _outlast(self, do: Callable[[], object]) -> bool:
        """Do it, waiting for a database that is away: nothing could go on; False when told to stop before that."""
        while not self.stopping:
            try:
                do()
                return True
            except TROUBLE as error:
                if not is_worth_repeating(error):
                    raise
                log.info("event waits for the database", listener=self.queue)
                sleep(0.2)
        return False

    def _say(self, batch: list[Told]) -> None:
        """One line a batch, under every request that it comes of: in a flood a line an event would cost more than the
        event."""
        types = sorted({told.type for told in batch})
        log.info("events applied", count=len(batch), types=types, request_ids=_requests_of(batch))

    def _transact(self, batch: list[Told]) -> None:
        requests = _requests_of(batch)
        telemetry.begin(listener=self.queue, request_ids=requests if requests[1:] else None)
        with tracing.traces.applying(self.queue, batch), Work(self._runtime) as work:
            once = {told.id: told for told in batch}  # the same event may be in it twice
            new = inbox.accept(work.session, self._door.method_name, list(once))
            if new:
                heard = [told for told in once.values() if told.id in new]
                work.because_of(heard)
                self._door.reaction(work, heard)

    def _put_aside(self, delivery: Delivery, error: BaseException) -> None:
        """Send a failed delivery to wait, or to be parked; only when the broker has it is the original settled."""
        service, delays = self._runtime.service, self._runtime.settings.retry_delays
        place, parked = next_place(delivery, error, service=service, queue=self.queue, delays=delays)
        then = "parked" if parked else "retried"
        log.warning("event failed", listener=self.queue, then=then, exc_info=error)
        metrics.of(metrics.FAILED, service, self._door.method_name, then).inc()
        while not delivery.lost and not self.stopping:  # lost, the broker delivers it again by itself
            try:
                self._publisher.publish([place])
                delivery.settle()
                return
            except BROKEN as broken:
                log.info("failed event waits for the broker", listener=self.queue, error=telemetry.described(broken))
                sleep(0.2)


def _requests_of(batch: list[Told]) -> list[str]:
    return list(dict.fromkeys(told.request_id for told in batch if told.request_id))
