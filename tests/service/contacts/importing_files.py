"""Putting files where the contacts service finds them, and waiting for what becomes of them."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

from chassis.storage import Folder
from contracts.contacts import finding, importing, tags
from contracts.jobs import get_job

SAMPLES = Path(__file__).parents[2] / "samples"
KINDS = ("created", "updated", "unchanged", "rejected", "blank")


def stored(house: Any, content: bytes) -> str:
    """Keep bytes as the gateway would, and tell their key."""
    return Folder(house.env["RAPPORT_STORAGE"]).put(io.BytesIO(content), limit=2**30, prefix="imports")


def imported(house: Any, content: bytes, *, name: str = "people.csv", seconds: float = 60, **wishes: Any) -> Any:
    """Import bytes and answer the job when it has ended."""
    started = house.ask(importing.start_import, file_key=stored(house, content), file_name=name, **wishes)
    return ended(house, started["id"], seconds=seconds)


def ended(house: Any, job_id: str, *, seconds: float = 60) -> Any:
    """Wait until a job is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = house.ask(get_job["contacts"], job_id=job_id)
        if job["state"] not in ("queued", "running"):
            return job
        time.sleep(0.05)
    raise AssertionError(f"The import has not ended after {seconds} s: {job}")


def counts(job: Any) -> dict[str, int]:
    """What a finished import came to."""
    assert job["state"] == "done", job
    return {kind: job["progress"][kind] for kind in KINDS}


def found(ask: Any, q: str) -> list[dict[str, Any]]:
    """The contacts that are found by these words."""
    return ask(finding.list_contacts, q=q)["items"]


def table(*rows: list[str]) -> bytes:
    """Rows as a CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def own_tags(ask: Any, contact: dict[str, Any]) -> list[str]:
    """The tags of a contact that are the business' own; the system's come and go in their own time."""
    return [tag["name"] for tag in ask(tags.list_tags, contact_id=contact["id"])["items"] if not tag["system"]]
