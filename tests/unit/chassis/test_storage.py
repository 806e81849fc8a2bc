"""Object storage keeps whole files or none."""

from __future__ import annotations

import io
import os
import time
import tracemalloc
import uuid
from pathlib import Path

import pytest

from chassis.storage import Folder, key_of, new_key
from contracts.errors import Invalid, NotFound


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def files_below(folder: Folder) -> list[Path]:
    return [path for path in folder.root.rglob("*") if path.is_file()]


class Endless:
    """Gives so many bytes, without ever holding them."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int, /) -> bytes:
        piece = b"x" * min(size, self.left)
        self.left -= len(piece)
        return piece


class Broken:
    """Gives some bytes, then breaks like a cut line."""

    def __init__(self) -> None:
        self.pieces = [b"some", b"more"]

    def read(self, size: int, /) -> bytes:
        if not self.pieces:
            raise ConnectionResetError
        return self.pieces.pop()


def test_what_was_put_is_what_is_read(folder: Folder) -> None:
    content = os.urandom(700_001)
    key = folder.put(io.BytesIO(content), limit=700_001, prefix="imports")
    assert key.startswith("imports/")
    with folder.open(key) as stream:
        assert stream.read() == content


def test_one_byte_over_the_limit_is_refused_and_leaves_nothing(folder: Folder) -> None:
    with pytest.raises(Invalid) as refusal:
        folder.put(io.BytesIO(b"x" * 101), limit=100, prefix="imports")
    assert refusal.value.errors[0]["pointer"] == "/file"
    assert files_below(folder) == []


def test_an_endless_upload_is_read_no_further_than_its_limit(folder: Folder) -> None:
    stream = Endless(10**12)
    with pytest.raises(Invalid):
        folder.put(stream, limit=1_000_000, prefix="imports")
    assert 10**12 - stream.left == 1_000_001


def test_a_large_file_takes_little_memory(folder: Folder) -> None:
    tracemalloc.start()
    try:
        folder.put(Endless(50_000_000), limit=50_000_000, prefix="imports")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


def test_an_upload_that_breaks_leaves_nothing(folder: Folder) -> None:
    with pytest.raises(ConnectionResetError):
        folder.put(Broken(), limit=100, prefix="imports")
    assert files_below(folder) == []


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "imports/aa/../../../etc/passwd",
        "imports/aa/" + "a" * 31,
        "imports/aa/" + "a" * 32 + "\n",
        "imports/aa/" + "a" * 31 + "\0",
        ".incoming/aa/" + "a" * 32,
        "",
    ],
)
def test_a_key_that_we_did_not_make_is_not_found(folder: Folder, key: str) -> None:
    with pytest.raises(NotFound):
        folder.open(key)
    with pytest.raises(NotFound):
        folder.delete(key)


@pytest.mark.parametrize("prefix", ["", "..", "a/b", "A", "ä", "a\n"])
def test_a_prefix_cannot_lead_elsewhere(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        new_key(prefix)


def test_a_deleted_file_is_gone_and_deleting_it_again_is_harmless(folder: Folder) -> None:
    key = folder.put(io.BytesIO(b"x"), limit=1, prefix="imports")
    folder.delete(key)
    folder.delete(key)
    with pytest.raises(NotFound):
        folder.open(key)


def test_what_a_killed_process_left_is_cleared_away_but_not_what_is_still_being_written(folder: Folder) -> None:
    incoming = folder.root / ".incoming"
    (incoming / "old").write_bytes(b"x")
    (incoming / "young").write_bytes(b"x")
    yesterday = time.time() - 25 * 3600
    os.utime(incoming / "old", (yesterday, yesterday))
    again = Folder(folder.root)
    assert [path.name for path in files_below(again)] == ["young"]


def test_what_is_kept_under_a_records_own_key_takes_the_place_of_the_former(folder: Folder) -> None:
    key = key_of("import-rows", str(uuid.uuid4()))
    for content in (b"first", b"second"):
        assert folder.put(io.BytesIO(content), limit=100, prefix="import-rows", key=key) == key
    assert len(files_below(folder)) == 1
    with folder.open(key) as stream:
        assert stream.read() == b"second"


def test_what_is_older_than_a_moment_is_told(folder: Folder) -> None:
    old, fresh = (folder.put(io.BytesIO(b"x"), limit=100, prefix="imports") for _ in range(2))
    folder.put(io.BytesIO(b"x"), limit=100, prefix="files")
    os.utime(folder.root / old, (1000, 1000))
    assert list(folder.older("imports", 2000)) == [old]
    assert sorted(folder.older("imports", time.time() + 60)) == sorted([old, fresh])
