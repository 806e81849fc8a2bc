"""Object storage in a bucket keeps the same promises as in a folder, against a real S3 server (rclone)."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.bucket import Bucket
from contracts.documents import agreements, signing
from contracts.errors import Invalid, NotFound, Unavailable
from local.ports import LOOPBACK, free_port
from tests.builders.agreements import an_agreement
from tests.builders.s3 import CREDENTIALS, an_s3_server
from tests.house.living import LivingHouse


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The endpoint, and the folder behind it."""
    folder = tmp_path_factory.mktemp("s3")
    with an_s3_server(folder) as endpoint:
        yield endpoint, folder


@pytest.fixture
def bucket(server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return Bucket(f"s3://files/house?endpoint={server[0]}&region=eu-central-1")


def test_what_was_put_is_what_is_read(bucket: Bucket, server: tuple[str, Path]) -> None:
    content = os.urandom(9_000_001)  # more than one part
    key = bucket.put(io.BytesIO(content), limit=9_000_001, prefix="imports")
    with bucket.open(key) as stream:
        assert stream.read() == content
    assert (server[1] / "files" / "house" / key).stat().st_size == len(content)


def test_what_is_too_large_never_reaches_the_bucket(bucket: Bucket, server: tuple[str, Path]) -> None:
    with pytest.raises(Invalid):
        bucket.put(io.BytesIO(b"x" * 101), limit=100, prefix="toolarge")
    assert not (server[1] / "files" / "house" / "toolarge").exists()


def test_a_deleted_file_is_gone_and_deleting_it_again_is_harmless(bucket: Bucket) -> None:
    key = bucket.put(io.BytesIO(b"x"), limit=1, prefix="imports")
    bucket.delete(key)
    bucket.delete(key)
    with pytest.raises(NotFound):
        bucket.open(key)


@pytest.mark.parametrize("key", ["../../secrets", "imports/aa/" + "a" * 31, ""])
def test_a_key_that_we_did_not_make_is_not_found(bucket: Bucket, key: str) -> None:
    with pytest.raises(NotFound):
        bucket.open(key)


def test_a_wrong_secret_is_unavailable_and_not_a_crash(
    server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ada")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    with pytest.raises(Unavailable):
        Bucket(f"s3://files?endpoint={server[0]}&region=x").put(io.BytesIO(b"x"), limit=1, prefix="imports")


def test_a_server_that_is_down_is_unavailable(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Bucket(f"s3://files?endpoint=http://{LOOPBACK}:{free_port()}&region=x")
    with pytest.raises(Unavailable):
        gone.put(io.BytesIO(b"x"), limit=1, prefix="imports")


@pytest.mark.requirement("D02")
def test_a_signed_pdf_can_live_in_a_bucket(a_house: Callable[..., LivingHouse], server: tuple[str, Path]) -> None:
    url = f"s3://files/papers?endpoint={server[0]}&region=eu-central-1"
    house = a_house(services=["documents"], settings=CREDENTIALS | {"RAPPORT_STORAGE": url})
    agreement = an_agreement(house)
    house.ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True)
    given = house.ask(agreements.get_agreement_pdf, agreement_id=agreement["id"])
    assert (server[1] / "files" / "papers" / given["file_key"]).read_bytes().startswith(b"%PDF")
