"""What became of people since their tokens were signed: who was signed out, and who has another role now.

Contacts announces both as events. Every worker hears them on a queue of its own and keeps them until the tokens from
before have expired, so that admitting somebody costs two look-ups in memory. What a worker has missed, because it just
started or lost its queue, it asks for; until it knows, it lets nobody in who has to be signed in. It asks now and then
besides, for what is announced may be long in coming (decision 0605).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import amqp
from marshmallow import ValidationError

from chassis import wire
from chassis.actor import Actor
from chassis.broker import BROKEN, connect, discard, is_there, need_exchange
from chassis.calls import Calls, Context
from chassis.telemetry import described, logger
from contracts.contacts import api_keys, members, revocations, team
from contracts.errors import NotSignedIn, Problem, Unavailable

KEPT_SECONDS = 20 * 60
"""Longer than an access token lives: who was shown out before that has no token left that could be refused."""
QUEUE_EXPIRES_MS = 60_000
HEARTBEAT_SECONDS = 5
PATIENCE_SECONDS = 2.0
ASK_AGAIN_SECONDS = 5.0
"""So often contacts is asked, whatever was heard: it may know what its relay could not tell yet."""
ASK_IN_VAIN_SECONDS = 1.0
EXCHANGE = "contacts.events"
SESSION_ENDED = (revocations.team_session_ended, members.member_session_ended)
HEARD = (*SESSION_ENDED, api_keys.api_key_revoked, team.team_member_changed)
log = logger("gateway")


@dataclass(frozen=True)
class _News:
    version: int
    role: str
    name: str
    active: bool


class Notices:
    """The board of one worker; `listen` is the body of a thread of its own."""

    def __init__(self, uri: str, calls: Calls, token: Callable[[], str]) -> None:
        self._uri, self._calls, self._token = uri, calls, token
        self._queue: str | None = None
        self._ended: dict[str, float] = {}
        self._news: dict[str, tuple[_News, float]] = {}
        self._complete = threading.Event()
        self._behind_since: float | None = None

    def start(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self.listen, name="notices", daemon=True).start()

    def as_of_now(self, actor: Actor) -> Actor:
        """The bearer of a token with the role of this moment; NotSignedIn when the token is worth nothing any more."""
        if actor.claims.get("sid") in self._ended:
            raise _over()
        news, _ = self._news.get(actor.id or "", (None, 0))
        if news is None or news.version <= actor.claims.get("ver", 0):
            return actor
        if not news.active:
            raise _over()
        return replace(actor, role=news.role, name=news.name)

    def had_to_be_awaited(self) -> bool:
        """Whether more is known now than when this was asked; Unavailable when it is still not all."""
        if self._complete.is_set():
            return False
        if not self._complete.wait(PATIENCE_SECONDS):
            raise Unavailable("It is not yet known who was signed out; try again in a moment.", retry_after=2)
        return True

    def learn(self, told: dict[str, Any]) -> None:
        """Take in what `list_revocations` answers; from here on the board is complete."""
        for ended in (*told["ended_sessions"], *told.get("revoked_api_keys", ())):
            self._end(ended)
        for member in told["changed_members"]:
            self._change(member)
        self._complete.set()

    def listen(self) -> None:
        """Hear what is announced, through every loss of the broker."""
        while True:
            raw = None
            try:
                raw = connect(self._uri, heartbeat=HEARTBEAT_SECONDS, largest=wire.LARGEST_BODY)
                self._follow(raw)
            except BROKEN as error:
                log.warning("notices not heard", error=described(error))
            except Exception:  # whatever it was: without this thread nobody would be let in any more
                log.exception("notices not heard")
            finally:
                self._complete.clear()
                discard(raw)
            time.sleep(0.5)

    def _follow(self, raw: amqp.Connection) -> None:
        channel = self._find_queue(raw)
        channel.basic_consume(self._queue, callback=self._hear)
        ask_at = 0.0
        while True:
            if time.monotonic() >= ask_at:
                ask_at = self._catch_up()
            try:
                raw.drain_events(timeout=1.0 if self._complete.is_set() else 0.2)
            except TimeoutError:
                if self._behind_since is None:  # what waited in the queue is read
                    self._complete.set()
                raw.heartbeat_tick()

    def _find_queue(self, raw: amqp.Connection) -> Any:
        """A channel with the queue: our own from before a loss of the broker, or a new one, and then we are behind.

        A new one has a new name: the old one may be away with the node of the broker that it lives on.
        """
        channel = raw.channel()
        if self._queue is not None and is_there(channel, self._queue):
            return channel
        name = f"gateway-notices-{uuid.uuid4().hex}"
        need_exchange(channel, EXCHANGE)
        arguments = {"x-expires": QUEUE_EXPIRES_MS, "x-queue-type": "classic"}
        channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
        for event in HEARD:
            channel.queue_bind(name, EXCHANGE, event.type)
        self._queue, self._behind_since = name, time.monotonic()
        return channel

    def _catch_up(self) -> float:
        """Ask for what was announced lately, and say when to ask again. Who is behind goes on without, once nothing of
        what they missed could matter."""
        try:
            context = Context(token=self._token(), deadline=1.0)
            self.learn(self._calls.ask(revocations.list_revocations, {"seconds": KEPT_SECONDS}, context))
            self._behind_since = None
            return time.monotonic() + ASK_AGAIN_SECONDS
        except Problem as problem:
            log.info("notices not asked for", error=described(problem))
            if self._behind_since is not None and time.monotonic() - self._behind_since > KEPT_SECONDS:
                self._behind_since = None
            return time.monotonic() + (0 if self._behind_since is not None else ASK_IN_VAIN_SECONDS)

    def _hear(self, message: Any) -> None:
        headers = message.headers or {}
        self._forget()
        try:
            data = wire.loads(message.body)
            if headers.get("ce-type") in {event.type for event in SESSION_ENDED}:
                self._end(str(data["session_id"]))
            elif headers.get("ce-type") == api_keys.api_key_revoked.type:
                self._end(str(data["api_key_id"]))
            else:
                self._change(team.team_member_changed.load(data))
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            log.warning("notice not understood", error=described(error))
        message.channel.basic_ack(message.delivery_tag)

    def _end(self, session_id: str) -> None:
        self._ended[session_id] = time.monotonic() + KEPT_SECONDS

    def _change(self, member: dict[str, Any]) -> None:
        news = _News(member["version"], member["role"], member["name"], member["active"])
        known, _ = self._news.get(member["team_member_id"], (news, 0))
        newest = max(known, news, key=lambda each: each.version)
        self._news[member["team_member_id"]] = (newest, time.monotonic() + KEPT_SECONDS)

    def _forget(self) -> None:
        now = time.monotonic()
        self._ended = {id_: until for id_, until in self._ended.items() if until > now}
        self._news = {id_: (news, until) for id_, (news, until) in self._news.items() if until > now}


def _over() -> NotSignedIn:
    return NotSignedIn("This session is over; sign in again.")
