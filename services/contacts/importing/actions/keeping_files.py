"""Uploaded files are kept no longer than they are of use."""

from __future__ import annotations

import datetime as dt
from functools import cache
from itertools import islice
from typing import Any

from environs import Env

from chassis import storage
from chassis.cpu import in_thread

EVERY_SECONDS = 3600.0
PREFIXES = ("imports", "import-rows")
AT_ONCE = 1000


@cache
def kept_for() -> dt.timedelta:
    """How long an uploaded file is kept (RAPPORT_IMPORT_DAYS): as long as its preview can be corrected and started."""
    return dt.timedelta(days=Env().float("RAPPORT_IMPORT_DAYS", 30.0))


def forget_files(work: Any) -> None:
    """Remove the files that are older, also those of which no import knows; what became of each row stays."""
    in_thread(_forget, (work.now - kept_for()).timestamp())


def _forget(moment: float) -> None:
    for prefix in PREFIXES:
        for key in list(islice(storage.older(prefix, moment), AT_ONCE)):
            storage.delete(key)
