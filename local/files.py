"""`./rapport files gone|back --since TIME [KEY …]`: what was taken out of the bucket since then, or written over.

`gone` lists it, `back` makes each key that is named (or what `--all` lists) what it was at that time. What came later
stays in the bucket's versions, and what is new since then stays as it is.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator
from itertools import groupby

from chassis.bucket import Bucket, Version
from chassis.config import settings
from chassis.replay import moment
from contracts.errors import Problem
from local import Trouble


def changed_since(bucket: Bucket, since: dt.datetime) -> Iterator[tuple[Version, Version]]:
    """Each file that was there and is not so any more: what it was then, and what stands in its place."""
    for _, versions in groupby(bucket.versions(), key=lambda version: version.key):
        newest, *older = versions
        then = next((version for version in (newest, *older) if version.at <= since), None)
        if then is not None and then.mark is not None and then.mark != newest.mark:
            yield then, newest


def _bucket() -> Bucket:
    place = settings().storage
    if not place.startswith("s3://"):
        raise Trouble(f"files are kept in the folder {place}, which has no versions; a backup's come back by restore")
    bucket = Bucket(place)
    if not bucket.keeps_versions():
        raise Trouble(f"the bucket {bucket.name} keeps no versions; turn them on, they hold what goes from then on")
    return bucket


def main(arguments: list[str]) -> int:
    """List what is gone, or bring it back."""
    parser = argparse.ArgumentParser(prog="rapport files", description=__doc__)
    parser.add_argument("verb", choices=["gone", "back"])
    parser.add_argument("keys", nargs="*", metavar="KEY")
    parser.add_argument("--since", type=moment, required=True, help="RFC 3339, or how long ago: 90m, 2h, 3d")
    parser.add_argument("--all", action="store_true", help="with back: all that `gone` lists")
    told = parser.parse_intermixed_args(arguments)
    if told.verb == "back" and not told.keys and not told.all:
        parser.error("name the keys, or --all")
    bucket, count = _bucket(), 0
    for then, now in changed_since(bucket, told.since):
        if told.keys and then.key not in told.keys:
            continue
        if told.verb == "back":
            bucket.bring_back(then)
        count += 1
        print(f"{then.key}  {'written over' if now.mark else 'taken away'} {now.at.isoformat(timespec='seconds')}")
    print(f"{count} {told.verb}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        sys.exit(str(problem))
    except Trouble as trouble:
        sys.exit(str(trouble))
