"""A link to the broker that can be held: what is sent over it stays where it is, while answers still come back."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

from local.ports import LOOPBACK, free_port

NARROW = 4096
"""Bytes that fit into the link while it is held, about."""


class SlowLink:
    """Forwards connections to the broker of `uri`; `self.uri` leads through it."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._broker = (parts.hostname, parts.port)
        self._open = threading.Event()
        self._open.set()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
        self._listener.bind((LOOPBACK, free_port()))
        self._listener.listen()
        self._ends: list[socket.socket] = [self._listener]
        self.connections = 0
        who, _, _ = parts.netloc.rpartition("@")
        self.uri = urlunsplit(parts._replace(netloc=f"{who}@{LOOPBACK}:{self._listener.getsockname()[1]}"))
        self._start(self._accept)

    def __enter__(self) -> SlowLink:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._open.set()
        for end in self._ends:
            end.close()

    def hold(self) -> None:
        """From now on take nothing from those who send to the broker."""
        self._open.clear()

    def let_go(self) -> None:
        """Go on."""
        self._open.set()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # the test is over
                return
            far = socket.create_connection(self._broker)
            self._ends += [near, far]
            self.connections += 1
            self._start(self._pump, near, far, True)
            self._start(self._pump, far, near, False)

    def _pump(self, source: socket.socket, target: socket.socket, heeds: bool) -> None:
        try:
            while piece := self._piece(source, heeds):
                target.sendall(piece)
        except OSError:  # one of the ends was closed
            return
        finally:
            target.close()

    def _piece(self, source: socket.socket, heeds: bool) -> bytes:
        if heeds:
            self._open.wait()
        piece = source.recv(65536)
        if heeds:
            self._open.wait()
        return piece

    def _start(self, run, *args) -> None:
        threading.Thread(target=run, args=args, daemon=True).start()
