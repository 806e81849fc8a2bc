"""`python -m tests.builders.greedy`: a process apart that takes what it is told to take."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from chassis.apart import answer_with
from contracts.errors import Invalid


def take(question: dict[str, Any]) -> dict[str, Any]:
    if "megabytes" in question:
        return {"taken": len(bytearray(question["megabytes"] * 1024 * 1024))}
    if "refuse" in question:
        raise Invalid.field("/file", question["refuse"])
    if "break" in question:
        raise KeyError(question["break"])
    if "mark" in question:
        Path(question["mark"]).write_text(f"{os.getpid()}\n")
        time.sleep(60)
    if "spin" in question:
        while True:
            pass
    return {"said": question}


if __name__ == "__main__":
    answer_with(take)
