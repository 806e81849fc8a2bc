"""A mail server that does with each letter what the test has told it, and remembers every word it got."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope

from local.ports import LOOPBACK, free_port
from local.processes import wait_for

DROP = "drop"
"""Take the words, and hang up before answering."""
HANG = "hang"
"""Take the words, and answer only after `answer_now`."""


@dataclass(frozen=True)
class Arrival:
    """Words that reached the server, whether or not it said so."""

    recipient: str
    content: bytes
    answer: str


class PostOffice:
    """Takes every letter, but for the recipients that were told otherwise; may close and open again at its port."""

    def __init__(self, *, seconds: float = 4.0) -> None:
        self.port = free_port()
        self.url = f"smtp://{LOOPBACK}:{self.port}?seconds={seconds}"
        self.arrivals: list[Arrival] = []
        self._verdicts: dict[str, deque[str]] = defaultdict(deque)
        self._refused: dict[str, deque[str]] = defaultdict(deque)
        self._answer_now = threading.Event()
        self._controller: Controller | None = None

    def open(self) -> PostOffice:
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port, server_hostname="post.example")
        self._controller.start()
        return self

    def close(self) -> None:
        if self._controller is not None:
            self._answer_now.set()
            self._controller.stop(no_assert=True)
            self._controller = None

    def tell(self, recipient: str, *verdicts: str) -> None:
        """Answer this recipient's next letters so; then take them again."""
        self._verdicts[recipient].extend(verdicts)

    def refuse(self, recipient: str, *answers: str) -> None:
        """Answer so already when the recipient is named, before any words."""
        self._refused[recipient].extend(answers)

    def answer_now(self) -> None:
        """Answer the letters that hang."""
        self._answer_now.set()

    def letters_to(self, recipient: str) -> list[Arrival]:
        """Every time that words for the recipient arrived."""
        return [arrival for arrival in self.arrivals if arrival.recipient == recipient]

    def wait_for_letter(self, recipient: str, seconds: float = 15) -> Arrival:
        assert wait_for(lambda: self.letters_to(recipient), seconds), f"no letter to {recipient}"
        return self.letters_to(recipient)[0]

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self._refused[address]:
            return self._refused[address].popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        (recipient,) = envelope.rcpt_tos
        verdict = self._verdicts[recipient].popleft() if self._verdicts[recipient] else "250 kept"
        assert isinstance(envelope.content, bytes)
        self.arrivals.append(Arrival(recipient, envelope.content, verdict))
        if verdict == HANG:
            await asyncio.get_running_loop().run_in_executor(None, self._answer_now.wait, 60)
            return "250 kept"
        if verdict == DROP:
            assert server.transport is not None
            server.transport.abort()
        return verdict
