"""The fault matrix at full count: `./rapport soak [row …] [--for 1h] [--times N] [--seed N]`.

With rows named, each runs once at its full count, or again and again for the time given. Without, rows are drawn at
random, each some few times, for the time given (an hour).
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.builders.examples import TIMES_TO_FULL

HERE = Path(__file__).parent
FULL = {
    "kill": 250, "stopping": 50, "raising": 30, "poison": 20, "broker": 20, "database": 20, "silence": 10, "flood": 20,
    "repetition": 420, "one_key": 100, "large": 10, "deadly_step": 10, "deadly_event": 10, "clocks": 10, "cut_off": 20,
    "whole_house": 40, "upgrade": 3, "disasters": 1, "node_away": 1, "pooler": 5, "renewals": 40,
    "any_order": TIMES_TO_FULL,
}  # fmt: skip
"""How often a row does its thing at full count; `kill` four times as often, once for each place.

`any_order` are the rules themselves, without a house: whatever of the other tests counts its examples so.
"""
WHEN_NAMED = {"pooler"}
"""What takes a package that running the tests does not bring: no random mix has it."""
FEW = 5
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_of(text: str) -> float:
    """Read `90s`, `15m`, `1h`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 90s, 15m or 1h")
    return float(found[1]) * _SECONDS[found[2]]


def files_of(row: str) -> list[Path]:
    """The tests of a row."""
    if row != "any_order":
        return [HERE / f"test_{row}.py"]
    others = [file for place in ("unit", "service") for file in (HERE.parent / place).rglob("test_*.py")]
    return [file for file in others if "from tests.builders.examples import examples" in file.read_text()]


def held(row: str, times: int) -> bool:
    """Run one row, and say whether everything held."""
    began = time.monotonic()
    print(f"{row} x {times} ...", end=" ", flush=True)
    command = [sys.executable, "-m", "pytest", *map(str, files_of(row)), "-q", "-x", "--timeout=0"]
    with tempfile.NamedTemporaryFile("r") as figures:
        env = {**os.environ, "FAULTS_TIMES": str(times), "FAULTS_FIGURES": figures.name}
        done = subprocess.run(command, env=env, cwd=HERE.parent.parent, capture_output=True, text=True, check=False)
        said = figures.read()
    print(f"{'held' if done.returncode == 0 else 'BROKE'} in {time.monotonic() - began:.0f} s", flush=True)
    print(said, end="")
    if done.returncode:
        print(done.stdout[-8000:], done.stderr[-2000:], sep="\n")
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    """Run what was asked for; 1 when anything broke."""
    parser = argparse.ArgumentParser(prog="./rapport soak", description="The fault matrix at full count.")
    parser.add_argument("rows", nargs="*", metavar="row", help=f"some of {', '.join(FULL)}; without, a random mix")
    parser.add_argument("--for", dest="seconds", type=seconds_of, help="how long: 90s, 15m, 1h")
    parser.add_argument("--times", type=int, help="the count of each row, in place of its own")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the random mix")
    told = parser.parse_args(arguments)
    if unknown := set(told.rows) - FULL.keys():
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(FULL)}")
    ends = time.monotonic() + (told.seconds or (0 if told.rows else 3600))
    if not told.rows:
        print(f"a random mix of seed {told.seed}")
    draw = random.Random(told.seed)
    broke = 0
    while True:
        for row in told.rows or [draw.choice([row for row in FULL if row not in WHEN_NAMED])]:
            times = told.times or (FULL[row] if told.rows else draw.randint(1, FEW))
            broke += not held(row, times)
        if time.monotonic() >= ends:
            return 1 if broke else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
