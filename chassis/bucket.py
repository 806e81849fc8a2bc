"""Object storage in an S3 bucket: `RAPPORT_STORAGE=s3://bucket/folder?endpoint=https://…&region=…`.

Key and secret come from where boto3 looks for them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a role, a profile.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import parse_qs, urlsplit

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chassis.storage import Readable, copy_limited, is_key, new_key
from contracts.errors import NotFound, Unavailable

_IN_THIS_THREAD = TransferConfig(use_threads=False)
"""Our processes are green or have threads enough; boto3 is not to start its own."""
_LIMITS = Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"})


class Version(NamedTuple):
    """One of a key's; `mark` tells what is in the file, and is None where the file was taken away."""

    key: str
    id: str
    at: dt.datetime
    mark: str | None


def _newest_first(found: tuple[dict[str, Any], bool]) -> tuple[str, bool, float]:
    item, _ = found
    return item["Key"], not item["IsLatest"], -item["LastModified"].timestamp()


class Bucket:
    """Keeps each object under its key; S3 shows an object whole or not at all."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        self.name, folder = parts.netloc, parts.path.strip("/")
        self._folder = f"{folder}/" if folder else ""
        self._client: Any = boto3.Session().client(
            "s3",
            endpoint_url=asked.get("endpoint", [None])[0],
            region_name=asked.get("region", [None])[0],
            config=_LIMITS,
        )

    def put(self, stream: Readable, *, limit: int, prefix: str, key: str | None = None) -> str:
        """Keep what the stream gives and tell its key; what is too large never reaches the bucket."""
        key = key or new_key(prefix)
        with tempfile.TemporaryFile() as file:
            copy_limited(stream, file, limit)
            file.seek(0)
            self._do("upload_fileobj", file, self.name, self._name_of(key), Config=_IN_THIS_THREAD)
        return key

    def open(self, key: str) -> BinaryIO:
        """Give the object's bytes, fetched whole to a nameless file first: what is half there is not there."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
        try:
            self._do("download_fileobj", self.name, self._name_of(key), file, Config=_IN_THIS_THREAD)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file  # type: ignore[return-value]

    def delete(self, key: str) -> None:
        """Forget the object; forgetting it twice is harmless."""
        self._do("delete_object", Bucket=self.name, Key=self._name_of(key))

    def older(self, prefix: str, moment: float) -> Iterator[str]:
        """Yield the keys of what was kept before a moment, in seconds since the epoch."""
        asked = {"Bucket": self.name, "Prefix": f"{self._folder}{prefix}/"}
        while True:
            page = self._do("list_objects_v2", **asked)
            for item in page.get("Contents", ()):
                if item["LastModified"].timestamp() < moment:
                    yield item["Key"].removeprefix(self._folder)
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def keeps_versions(self) -> bool:
        """Say whether what is taken away or written over can be brought back."""
        return self._do("get_bucket_versioning", Bucket=self.name).get("Status") == "Enabled"

    def versions(self) -> Iterator[Version]:
        """Yield what is and was under our folder, of each key the newest first."""
        asked = {"Bucket": self.name, "Prefix": self._folder}
        while True:
            page = self._do("list_object_versions", **asked)
            found = [
                (item, kind == "Versions") for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, ())
            ]
            for item, there in sorted(found, key=_newest_first):
                key = item["Key"].removeprefix(self._folder)
                if is_key(key):
                    yield Version(key, item["VersionId"], item["LastModified"], item["ETag"] if there else None)
            if not page.get("IsTruncated"):
                return
            asked |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    def bring_back(self, version: Version) -> None:
        """Make a version the newest again; those after it stay versions, too."""
        name = self._name_of(version.key)
        source = {"Bucket": self.name, "Key": name, "VersionId": version.id}
        self._do("copy_object", Bucket=self.name, Key=name, CopySource=source)

    def _name_of(self, key: str) -> str:
        if not is_key(key):
            raise NotFound("There is no such file.")
        return self._folder + key

    def _do(self, what: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(self._client, what)(*args, **kwargs)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey"):
                raise NotFound("There is no such file.") from None
            raise Unavailable(f"Object storage refused to {what}.") from error
        except (BotoCoreError, boto3.exceptions.Boto3Error) as error:
            raise Unavailable("Object storage cannot be reached.", retry_after=5) from error
