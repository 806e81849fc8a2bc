"""Answering: one queue a service, a few workers, the answer after the commit (chassis.performing)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import amqp
from eventlet import Timeout, sleep
from eventlet.queue import LightQueue
from eventlet.semaphore import Semaphore
from nameko.extensions import Entrypoint, SharedExtension

from chassis import metrics, telemetry, tracing, wire
from chassis.broker import is_there, need_exchange
from chassis.consumer import Consumer, Delivery, Subscription
from chassis.deadlines import Pulse, seconds_told
from chassis.performing import perform
from contracts.errors import Broken, Invalid, NotFound, Problem
from contracts.language import Rpc

if TYPE_CHECKING:
    from chassis.service import Runtime

QUEUE_EXPIRES_MS = 60_000
"""A service that is gone for so long is told apart from a slow one: its queue goes, and calls are refused at once."""
log = telemetry.logger(__name__)


def queue_of(service: str) -> str:
    """Where the calls of a service wait."""
    return f"rpc-{service}"


def declare_queue(channel: Any, service: str) -> None:
    """Have the service's calls in its queue, which is of the virtual host's kind unless it is there already."""
    queue = queue_of(service)
    need_exchange(channel, wire.RPC_EXCHANGE)
    if not is_there(channel, queue):  # as another version made it, it is good enough
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-expires": QUEUE_EXPIRES_MS})
    channel.queue_bind(queue, wire.RPC_EXCHANGE, f"{service}.*")


class RpcServer(SharedExtension):
    """Consumes the service's request queue and gives each message to a worker.

    The workers are green threads that live as long as the process: nameko makes one a call, with a context, an instance
    of the service and four hooks a dependency, which takes as long as a small answer.
    """

    def __init__(self) -> None:
        self.doors: dict[str, Serving] = {}
        self._taken: LightQueue = LightQueue()
        self._pulse = Pulse(sleep)
        self._at_work = 0
        self._consumer: Consumer | None = None
        self._thread: Any = None

    def start(self) -> None:
        """Begin to consume, when this process plays the role."""
        runtime: Runtime = self.container.config["runtime"]
        if "rpc" not in runtime.roles:
            return
        queue, declare = queue_of(runtime.service), partial(declare_queue, service=runtime.service)
        subscription = Subscription(queue, self.container.max_workers, self._arrived, declare)
        self._consumer = Consumer(
            runtime.settings.amqp_uri,
            [subscription],
            lock=Semaphore(),
            sleep=sleep,
            idle=lambda: self._at_work == 0,
            failed=lambda error: log.warning("broker lost", role="rpc", error=telemetry.described(error)),
        )
        runtime.consumers["rpc"] = self._consumer
        runtime.at_work = lambda: self._at_work
        self._service = self.container.service_cls()
        self._service.runtime = runtime
        for _ in range(self.container.max_workers):
            self.container.spawn_managed_thread(self._work, identifier="rpc worker")
        self.container.spawn_managed_thread(self._pulse.beat, identifier="pulse")
        self._thread = self.container.spawn_managed_thread(self._consumer.run, identifier="rpc")

    def finish(self) -> None:
        """Stop taking requests, and return when the taken ones are answered."""
        if self._consumer is not None:
            self._consumer.stop()
            self._thread.wait()
            for _ in range(self.container.max_workers):
                self._taken.put(None)

    def _arrived(self, delivery: Delivery) -> None:
        delivery.ends = self._pulse.earliest_arrival() + seconds_told(delivery.headers)
        if delivery.ends <= time.monotonic():  # the caller has given up
            delivery.settle()
            return
        name = delivery.routing_key.partition(".")[2]
        door = self.doors.get(name)
        if door is None:
            _answer(delivery, wire.reply(error=_method_not_found(name)))
            return
        self._at_work += 1
        self._taken.put((door, delivery))

    def _work(self) -> None:
        while (taken := self._taken.get()) is not None:
            door, delivery = taken
            try:
                if delivery.lost or delivery.ends <= time.monotonic():  # it comes again, or nobody waits any more
                    delivery.settle()
                else:
                    getattr(self._service, door.method_name)(delivery)
            except (Exception, Timeout):  # without its workers a process takes requests and answers none
                log.exception("rpc not answered")
                delivery.settle()
            finally:
                self._at_work -= 1


class Serving(Entrypoint):
    """The door of one Rpc."""

    server = RpcServer()

    def __init__(self, rpc: Rpc, action: Callable[..., Any]) -> None:
        super().__init__()
        self.rpc, self.action = rpc, action

    def setup(self) -> None:
        """Join the service's one server."""
        self.server.doors[self.rpc.name] = self

    def stop(self) -> None:
        """Wait until every taken request is answered."""
        self.server.finish()


def answer(runtime: Runtime, door: Callable[..., Any], rpc: Rpc, delivery: Delivery) -> None:
    """Do what the message asks and reply; whatever happens, the message is settled once."""
    started = time.perf_counter()
    telemetry.begin(request_id=delivery.headers.get(wire.REQUEST_ID), method=str(rpc))
    with tracing.traces.answering(rpc, delivery.headers.get(wire.TRACE)):
        told, outcome = _told(runtime, door, rpc, delivery)
        tracing.traces.outcome(outcome, failed=outcome == "Broken")
        _answer(delivery, told)
        took = time.perf_counter() - started
        metrics.of(metrics.RPCS, runtime.service, rpc.name, outcome).observe(took)
        (log.info if rpc.writes else log.debug)("rpc answered", outcome=outcome, ms=round(took * 1000, 1))


def _told(runtime: Runtime, door: Callable[..., Any], rpc: Rpc, delivery: Delivery) -> tuple[bytes, str]:
    """The answer as it goes out, and its outcome: `ok`, or the name of the refusal."""
    try:
        try:
            if delivery.size > wire.LARGEST_BODY:
                raise Invalid("The request is too large.")
            return wire.reply(result=perform(runtime, rpc, door, delivery)), "ok"
        except Problem as problem:
            return wire.reply(error=wire.problem_to_wire(problem)), type(problem).__name__
    except (Exception, Timeout):  # eventlet's Timeout is a BaseException, and would be the end of the process
        log.exception("rpc failed")
        broken = Broken("The service failed; the log has the same request id.")
        return wire.reply(error=wire.problem_to_wire(broken)), "Broken"


def _answer(delivery: Delivery, told: bytes) -> None:
    reply_to = delivery.properties.get("reply_to")
    if not reply_to:  # nobody to tell; a bare publisher, or an attack
        delivery.settle()
        return
    message = amqp.Message(
        told,
        content_type="application/json",
        content_encoding="utf-8",
        correlation_id=delivery.properties.get("correlation_id", ""),
    )
    direct = reply_to.startswith("amq.rabbitmq.reply-to.")
    delivery.settle((message, "" if direct else wire.RPC_EXCHANGE, reply_to))


def _method_not_found(name: str) -> dict[str, Any]:
    told = wire.problem_to_wire(NotFound(name))
    return told | {"exc_type": "MethodNotFound", "exc_path": "nameko.exceptions.MethodNotFound", "exc_args": [name]}
