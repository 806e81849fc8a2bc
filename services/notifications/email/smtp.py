"""Handing a letter to an SMTP server, and knowing afterwards what is known: taken, refused, not given, or unclear."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

Result = Literal["sent", "failed", "retry", "unknown"]


@dataclass(frozen=True)
class Server:
    """An SMTP server, from a URL: `smtp://`, `smtps://` (TLS from the start) or `smtp+starttls://`.

    `?seconds=` is the longest that one handover takes, however slowly the server drips; one answer may take a quarter
    of it.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: str
    seconds: float = 60.0

    @classmethod
    def at(cls, url: str) -> Server:
        """Read the setting; a URL that names no server is a ValueError, at start and not at the first letter."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"Not an SMTP server: {parts.scheme}://… (one of {', '.join(_PORTS)} and a host)")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        seconds = float(parse_qs(parts.query).get("seconds", ["60"])[0])
        return cls(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], user, password, seconds)


_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True)
class Handover:
    """What came of it. `retry`: certainly not delivered. `unknown`: the words were given and no answer came."""

    result: Result
    answer: str


class _Declined(Exception):
    """The server said no before it had the letter."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code


def hand_over(
    server: Server, *, sender: str, recipient: str, letter: bytes, may_begin: Callable[[], bool] = lambda: True
) -> Handover:
    """Give the letter to the server; never raises for what the network or the server does.

    `may_begin` is asked last of all before the words go out: once they are out, nobody may try again by himself.
    """
    given, outcome = False, None
    try:
        with _session(server) as session:
            _envelope(session, sender, recipient)
            if not may_begin():
                raise _Declined(0, "It took too long to get as far as the handover.")
            given = True
            session.send(_dotted(letter))
            outcome = _judged(*session.getreply())
    except _Declined as refusal:
        return Handover("failed" if 500 <= refusal.code < 600 else "retry", str(refusal))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # What goes wrong after the answer (a goodbye that is not heard) does not change the answer.
        return outcome or Handover("unknown" if given else "retry", f"{type(error).__name__}: {error}"[:500])
    return outcome


def _judged(code: int, reply: bytes) -> Handover:
    answer = f"{code} {_text(reply)}"
    if 200 <= code < 300:
        return Handover("sent", answer)
    if 400 <= code < 500:
        return Handover("retry", answer)
    return Handover("failed" if 500 <= code < 600 else "unknown", answer)


@contextmanager
def _session(server: Server) -> Iterator[smtplib.SMTP]:
    """An SMTP session, signed in, that the clock ends if nothing else does."""
    session = _unconnected(server)
    watchdog = threading.Timer(server.seconds, _cut, [session])
    watchdog.daemon = True
    watchdog.start()
    try:
        _accepted(*session.connect(server.host, server.port))
        session.ehlo_or_helo_if_needed()
        if server.scheme == "smtp+starttls":
            session.starttls(context=ssl.create_default_context())
            session.ehlo_or_helo_if_needed()
        if server.user:
            session.login(server.user, server.password)
        yield session
        session.quit()
    finally:
        watchdog.cancel()
        session.close()


def _unconnected(server: Server) -> smtplib.SMTP:
    limit = server.seconds / 4
    session: smtplib.SMTP
    if server.scheme == "smtps":
        session = smtplib.SMTP_SSL(timeout=limit, local_hostname=_own_name(), context=ssl.create_default_context())
    else:
        session = smtplib.SMTP(timeout=limit, local_hostname=_own_name())
    # smtplib learns the name that the certificate must bear only from a constructor that connects at once.
    session._host = server.host  # type: ignore[attr-defined]
    return session


def _envelope(session: smtplib.SMTP, sender: str, recipient: str) -> None:
    """Say from whom and to whom, up to the point where the server waits for the words."""
    _accepted(*session.mail(sender))
    _accepted(*session.rcpt(recipient))
    _accepted(*session.docmd("DATA"), good=(354,))


def _accepted(code: int, reply: bytes, good: tuple[int, ...] = (220, 250, 251)) -> None:
    if code not in good:
        raise _Declined(code, _text(reply))


def _dotted(letter: bytes) -> bytes:
    """Double the dots that begin a line, and end with the line that ends a letter (RFC 5321, 4.5.2)."""
    body = re.sub(rb"(?m)^\.", b"..", letter)
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _cut(session: smtplib.SMTP) -> None:
    sock = session.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was closed meanwhile, which is what was wanted


def _text(reply: bytes) -> str:
    return " ".join(reply.decode("utf-8", "replace").split())[:500]


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"
