"""Files in a bucket come back: out of its versions, and out of a backup; as docs/operations.md has it, at a real server
of that protocol that keeps versions (moto)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import time_machine
from moto.server import ThreadedMotoServer

from chassis.bucket import Bucket
from chassis.config import settings
from chassis.replay import moment
from local import Trouble, files
from local.ports import LOOPBACK, free_port
from tests.builders.s3 import CREDENTIALS
from tests.house.procedures import as_written

pytestmark = pytest.mark.requirement("O05")
SECTION, WHERE = "Files in a bucket", "eu-central-1"
SETTINGS = {"RAPPORT_AMQP_URI": "pyamqp://127.0.0.1:9/", "RAPPORT_SECRET": "a secret that is long enough, and more"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server with two buckets, of which `kept` keeps versions, and `bare` does not."""
    server = ThreadedMotoServer(LOOPBACK, free_port(), verbose=False)
    server.start()
    endpoint = f"http://{LOOPBACK}:{server._port}"
    login = dict(zip(("aws_access_key_id", "aws_secret_access_key"), CREDENTIALS.values(), strict=True))
    client = boto3.client("s3", endpoint_url=endpoint, region_name=WHERE, **login)
    for name in ("kept", "bare"):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": WHERE})
    client.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    yield endpoint
    server.stop()


@pytest.fixture
def env(endpoint: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """What the verbs are told; each test has a folder of its own in the bucket."""
    place = f"s3://kept/{request.node.originalname}?endpoint={endpoint}&region={WHERE}"
    return SETTINGS | CREDENTIALS | {"RAPPORT_STORAGE": place}


@pytest.fixture
def bucket(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """The bucket, of which this process is told too."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield Bucket(env["RAPPORT_STORAGE"])
    settings.cache_clear()


def put(bucket: Bucket, content: bytes, key: str | None = None) -> str:
    return bucket.put(io.BytesIO(content), limit=100, prefix="photos", key=key)


def what_is_in(bucket: Bucket, key: str) -> bytes:
    with bucket.open(key) as stream:
        return stream.read()


def test_what_was_taken_away_and_what_was_written_over_come_back(
    env: dict[str, str], bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel(moment("4h")):
        changed = put(bucket, b"first")
    with time_machine.travel(moment("3h")):
        taken, forgotten, untouched = (put(bucket, name) for name in (b"a face", b"long ago", b"as ever"))
        put(bucket, b"second", changed)
        bucket.delete(forgotten)
    bucket.delete(taken)
    put(bucket, b"third", changed)
    new = put(bucket, b"new")
    gone, back = as_written(SECTION, env, only="files", KEY=taken).split("2 gone\n")
    assert {line.split()[0] for line in gone.splitlines()} == {taken, changed}
    assert (f"{taken}  taken away" in back, "1 back" in back) == (True, True)
    assert (what_is_in(bucket, taken), what_is_in(bucket, changed)) == (b"a face", b"third")
    files.main(["back", "--since", "2h", "--all"])
    assert [what_is_in(bucket, key) for key in (taken, changed, untouched, new)] == [
        b"a face", b"second", b"as ever", b"new",
    ]  # fmt: skip
    capsys.readouterr()
    files.main(["gone", "--since", "2h"])
    assert capsys.readouterr().out == "0 gone\n", "what is as it was is not gone"


def test_a_bucket_that_keeps_no_versions_is_not_relied_upon(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_STORAGE", settings().storage.replace("s3://kept", "s3://bare"))
    settings.cache_clear()
    with pytest.raises(Trouble, match="the bucket bare keeps no versions"):
        files.main(["gone", "--since", "2h"])


def test_the_files_of_a_backup_move_into_a_bucket_and_those_that_are_there_stay(
    env: dict[str, str], bucket: Bucket, tmp_path: Path
) -> None:
    there = put(bucket, b"newer")
    missing = f"papers/ab/{'ab' * 16}"
    for key in (there, missing):
        (tmp_path / "files" / key).parent.mkdir(parents=True)
        (tmp_path / "files" / key).write_bytes(b"older")
    (tmp_path / "backup.json").write_text(json.dumps({"services": [], "files": "files"}))
    assert as_written(SECTION, env, only="restore", DIR=tmp_path) == "1 missing files are back\n"
    assert (what_is_in(bucket, there), what_is_in(bucket, missing)) == (b"newer", b"older")
