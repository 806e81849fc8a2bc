"""What a backup does about files and secrets, beside the databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.config import settings
from chassis.storage import _storage
from local import Trouble
from local.backup import keep_files
from local.dumps import mark_of
from local.restore import is_of_another_secret, main

pytestmark = pytest.mark.requirement("O05")
OLD, NEW = "the secret of before which is long", "the secret of today which is long"


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """What the verbs are told by the environment, to be told otherwise."""
    monkeypatch.setenv("RAPPORT_SECRET", NEW)
    monkeypatch.setenv("RAPPORT_AMQP_URI", "pyamqp://127.0.0.1:9/")
    monkeypatch.setenv("RAPPORT_STORAGE", str(tmp_path / "storage"))
    _forget_settings()
    yield monkeypatch
    _forget_settings()


def _forget_settings() -> None:
    settings.cache_clear()
    _storage.cache_clear()


def test_a_file_that_is_taken_away_meanwhile_does_not_spoil_the_backup(
    told: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    photos = tmp_path / "storage" / "photos" / "ab"
    photos.mkdir(parents=True)
    for name in ("first", "second"):
        (photos / name).write_text(name)

    def copy_and_take_the_others_away(source: str, target: str) -> None:
        shutil.copyfile(source, target)
        for other in photos.iterdir():
            other.unlink()

    told.setattr(shutil, "copy2", copy_and_take_the_others_away)
    backup = tmp_path / "backup"
    backup.mkdir()
    assert keep_files(backup) == "files"
    assert len(list((backup / "files" / "photos" / "ab").iterdir())) == 1


def test_a_bucket_that_cannot_be_reached_stops_a_restore_before_anything_is_restored(
    told: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told.chdir(tmp_path)
    told.setenv("RAPPORT_STORAGE", "s3://files/house?endpoint=http://127.0.0.1:9&region=x")
    told.setenv("AWS_ACCESS_KEY_ID", "ada")
    told.setenv("AWS_SECRET_ACCESS_KEY", "lovelace")
    kept = tmp_path / "backup" / "files" / "photos" / "ab" / ("ab" * 16)
    kept.parent.mkdir(parents=True)
    kept.write_text("first")
    (tmp_path / "backup" / "backup.json").write_text(
        '{"services": ["billing"], "files": "files", "taken_at": "2026-11-23T12:00:00+00:00"}'
    )
    with pytest.raises(Trouble, match="no file is restored, and no database"):
        main([str(tmp_path / "backup")])
    assert not (tmp_path / "s3:").exists()


@pytest.mark.parametrize(
    ("sealed_by", "accepted", "another"),
    [
        (NEW, "", False),
        (OLD, "", True),
        (OLD, OLD, False),
        (None, "", False),  # a backup of an older version, which does not say
    ],
)
def test_a_backup_that_another_secret_sealed_is_known(
    told: pytest.MonkeyPatch, sealed_by: str | None, accepted: str, another: bool
) -> None:
    told.setenv("RAPPORT_SECRETS_ACCEPTED", accepted)
    note = {"secret": mark_of(sealed_by)} if sealed_by else {}
    assert is_of_another_secret(note) is another
