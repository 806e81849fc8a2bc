"""What a backup does about files and secrets, beside the databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.config import settings
from local.backup import keep_files
from local.dumps import mark_of
from local.restore import is_of_another_secret, restore_files

pytestmark = pytest.mark.requirement("O05")
OLD, NEW = "the secret of before which is long", "the secret of today which is long"


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """What the verbs are told by the environment, to be told otherwise."""
    monkeypatch.setenv("RAPPORT_SECRET", NEW)
    monkeypatch.setenv("RAPPORT_AMQP_URI", "pyamqp://127.0.0.1:9/")
    monkeypatch.setenv("RAPPORT_STORAGE", str(tmp_path / "storage"))
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


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


def test_files_that_belong_into_a_bucket_are_not_laid_into_a_folder_of_that_name(
    told: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told.chdir(tmp_path)
    told.setenv("RAPPORT_STORAGE", "s3://files/house?endpoint=http://127.0.0.1:9&region=x")
    (tmp_path / "backup" / "files" / "photos").mkdir(parents=True)
    (tmp_path / "backup" / "files" / "photos" / "first").write_text("first")
    said = restore_files(tmp_path / "backup")
    assert "s3://files/house," in said
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
