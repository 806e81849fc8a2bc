"""A multipart body read once, part after part, without ever holding a file in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData, Preamble

from contracts.errors import Invalid
from gateway.errors import Malformed, pointer

PIECE = 64 * 1024
LONGEST_FIELD = 128 * 1024
MOST_PARTS = 100


class Part:
    """One part: a field's text, or a file's bytes; it has to be read before the next one is asked for."""

    def __init__(self, form: Multipart, name: str, file_name: str | None) -> None:
        self.name = name
        self.file_name = _base_name(file_name)
        self._form = form
        self._rest = b""
        self.at_end = False

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes; none at the end."""
        while not self._rest and not self.at_end:
            event = self._form.event()
            if not isinstance(event, Data):
                raise Malformed("The multipart body ends in the middle of a part.")
            self._rest, self.at_end = event.data, not event.more_data
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def text(self) -> str:
        raw = b""
        while piece := self.read(PIECE):
            raw += piece
            if len(raw) > LONGEST_FIELD:
                raise RequestEntityTooLarge(f"The field {self.name!r} is larger than {LONGEST_FIELD} bytes.")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed(f"The field {self.name!r} is not UTF-8.") from None
        if "\x00" in text:
            raise Invalid.field(pointer(self.name), "NUL is not allowed.")
        return text


class Multipart:
    """The parts of a body, in the order that they come."""

    def __init__(self, stream: IO[bytes], boundary: str) -> None:
        if not boundary:
            raise Malformed("The Content-Type names no boundary.")
        self._stream = stream
        self._decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_parts=MOST_PARTS)

    def __iter__(self) -> Iterator[Part]:
        while not isinstance(event := self.event(), Epilogue):
            if isinstance(event, Preamble):
                continue
            if not isinstance(event, (Field, File)):
                raise Malformed("The multipart body is not in order.")
            part = Part(self, event.name or "", event.filename if isinstance(event, File) else None)
            yield part
            while not part.at_end:
                part.read(PIECE)

    def event(self) -> Event:
        """The next thing in the body."""
        try:
            while isinstance(event := self._decoder.next_event(), NeedData):
                self._decoder.receive_data(self._stream.read(PIECE) or None)
        except (ValueError, UnicodeDecodeError):
            raise Malformed("The body is not multipart/form-data as RFC 7578 has it.") from None
        return event


def _base_name(name: str | None) -> str | None:
    """What a browser calls the file, without any folders and control characters."""
    if not name:
        return None
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-255:] or None
