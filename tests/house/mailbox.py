"""A real SMTP server that keeps what it is given, for tests of outgoing mail."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

from local.processes import Process, wait_for


class Mailbox:
    """What was delivered; `url` goes into RAPPORT_SMTP_URL."""

    def __init__(self, process: Process, url: str, folder: Path) -> None:
        self.process = process
        self.url = url
        self.folder = folder

    def messages(self, to: str | None = None) -> list[EmailMessage]:
        """The messages in order of arrival, all or those to one address."""
        files = sorted(self.folder.glob("*.eml"))
        parsed = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [message for message in parsed if to is None or to in str(message["X-Envelope-To"])]

    def wait_for(self, to: str, *, count: int = 1, seconds: float = 30) -> EmailMessage:
        """The `count`-th message to that address, waiting for it at most so long."""
        if not wait_for(lambda: len(self.messages(to)) >= count, seconds):
            raise AssertionError(f"no {count}. message to {to} within {seconds} s")
        return self.messages(to)[count - 1]
