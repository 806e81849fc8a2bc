"""How often a property is tried: some times in the suite, at full count by `./rapport soak any_order`."""

from __future__ import annotations

import os

TIMES_TO_FULL = 10
"""So many times the suite's count is the full one."""


def examples(full: int) -> int:
    """The number of examples now, where there are so many at full count."""
    return full * int(os.environ.get("FAULTS_TIMES", "1")) // TIMES_TO_FULL
