"""Python's search for garbage, for a process that is made once and then answers for weeks."""

from __future__ import annotations

import gc


def look_seldom() -> None:
    """Leave aside all that the process is made of, and look through the rest after many new things, not after 700.

    A long look takes a tenth of a second in which nobody is answered, and nearly all that it looks at is code.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
