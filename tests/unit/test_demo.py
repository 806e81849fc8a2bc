"""The demo leaves the journey of README something to do."""

from __future__ import annotations

from local import CHECKOUT
from local.demo.story import EXPORT


def test_nobody_of_the_sample_export_is_in_the_demo() -> None:
    sample = (CHECKOUT / "tests" / "samples" / "google-contacts.csv").read_text(encoding="utf-8").lower()
    demo = [line.split(",") for line in EXPORT.read_text(encoding="utf-8").splitlines()[1:]]
    assert len(demo) > 20
    assert [row for row in demo if row[2].lower() in sample or f"{row[0]},{row[1]}".lower() in sample] == []
