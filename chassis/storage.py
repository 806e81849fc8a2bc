"""Object storage: whole files under keys of our own making, in the folder or S3 bucket that RAPPORT_STORAGE names."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from uuid import UUID

from chassis.config import settings
from contracts.errors import Invalid, NotFound

CHUNK = 256 * 1024
KEY = re.compile(r"\A[a-z][a-z0-9-]{0,39}/[0-9a-f]{2}/[0-9a-f]{32}\Z")
PREFIX = re.compile(r"\A[a-z][a-z0-9-]{0,39}\Z")
LEFT_OVER_AFTER = 24 * 3600


class Readable(Protocol):
    """Anything that gives bytes piece by piece."""

    def read(self, size: int, /) -> bytes: ...


class Storage(Protocol):
    """The port: what a place for files must be able to do."""

    def put(self, stream: Readable, *, limit: int, prefix: str, key: str | None = None) -> str: ...
    def open(self, key: str) -> BinaryIO: ...
    def delete(self, key: str) -> None: ...
    def older(self, prefix: str, moment: float) -> Iterator[str]: ...


class Folder:
    """Keeps each object as one file, which is there whole or not at all, also after a power cut."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self._incoming = self.root / ".incoming"
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)
        self._discard_left_overs()

    def put(self, stream: Readable, *, limit: int, prefix: str, key: str | None = None) -> str:
        """Keep what the stream gives and tell its key; the stream is read in pieces, and no further than `limit`."""
        key = key or new_key(prefix)
        incoming = self._incoming / secrets.token_hex(16)
        try:
            with incoming.open("xb") as file:
                copy_limited(stream, file, limit)
                file.flush()
                os.fsync(file.fileno())
            self._move(incoming, self._path(key))
        finally:
            incoming.unlink(missing_ok=True)
        return key

    def open(self, key: str) -> BinaryIO:
        """Give the object's bytes as a stream; the caller closes it."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound("There is no such file.") from None

    def delete(self, key: str) -> None:
        """Forget the object; forgetting it twice is harmless."""
        self._path(key).unlink(missing_ok=True)

    def older(self, prefix: str, moment: float) -> Iterator[str]:
        """Yield the keys of what was kept before a moment, in seconds since the epoch."""
        for path in self.root.glob(f"{prefix}/*/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < moment:
                    yield path.relative_to(self.root).as_posix()

    def _path(self, key: str) -> Path:
        if not is_key(key):
            raise NotFound("There is no such file.")
        return self.root / key

    def _move(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        # The name is as durable as the bytes only once every folder above it is on the disk, too.
        for folder in (target.parent, target.parent.parent, self.root):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _discard_left_overs(self) -> None:
        """Remove what a killed process had begun to write."""
        for path in self._incoming.iterdir():
            try:
                if time.time() - path.stat().st_mtime > LEFT_OVER_AFTER:
                    path.unlink()
            except FileNotFoundError:
                continue  # Another process was faster.


def new_key(prefix: str) -> str:
    """Make a key that nobody can guess; its middle part spreads the objects over 256 folders."""
    if not PREFIX.match(prefix):
        raise ValueError(f"{prefix!r} is no prefix: small letters, digits and hyphens.")
    name = secrets.token_hex(16)
    return f"{prefix}/{name[:2]}/{name}"


def key_of(prefix: str, id: str) -> str:
    """The key of what is kept once for a record, named by its UUID: kept again, it takes the place of the former."""
    name = UUID(id).hex
    return f"{prefix}/{name[-2:]}/{name}"


def older(prefix: str, moment: float) -> Iterator[str]:
    """Yield the keys of what was kept before a moment, in seconds since the epoch."""
    return _storage().older(prefix, moment)


def is_key(key: str) -> bool:
    """Tell whether a key has the form of ours; no other is ever looked for."""
    return KEY.match(key) is not None


def copy_limited(stream: Readable, file: Any, limit: int) -> None:
    """Copy piece by piece; a stream of more than `limit` bytes is Invalid, and is not read on."""
    left = limit
    while piece := stream.read(min(CHUNK, left + 1)):
        left -= len(piece)
        if left < 0:
            raise Invalid.field("/file", f"The file is larger than {limit} bytes.")
        file.write(piece)


@cache
def _storage() -> Storage:
    place = settings().storage or ".rapport/storage"
    if place.startswith("s3://"):
        from chassis.bucket import Bucket  # boto3 is large: only who uses it loads it

        return Bucket(place)
    return Folder(place)


def warm_up() -> None:
    """Load what a bucket needs before the first request has to wait for it; boto3 takes a second or more."""
    if settings().storage.startswith("s3://"):
        _storage()


def put(stream: Readable, *, limit: int, prefix: str = "files", key: str | None = None) -> str:
    """Keep what the stream gives and tell its key; more than `limit` bytes are Invalid, and nothing is kept.

    Under a given `key`, as `key_of` makes it, it takes the place of what was there.
    """
    return _storage().put(stream, limit=limit, prefix=prefix, key=key)


def open(key: str) -> BinaryIO:
    """Give the object's bytes as a stream; the caller closes it."""
    return _storage().open(key)


def delete(key: str) -> None:
    """Forget the object; forgetting it twice is harmless."""
    _storage().delete(key)
