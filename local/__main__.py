"""`./rapport VERB`, after the shell script has seen to the virtual environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from local import CHECKOUT, Trouble

ELSEWHERE = {
    "soak": "tests.faults",
    "migrate": "chassis.migrate",
    "openapi": "gateway.openapi",
    "asyncapi": "gateway.asyncapi",
    "parked": "chassis.parked",
    "replay": "chassis.replay",
    "backup": "local.backup",
    "restore": "local.restore",
    "recovered": "local.recovered",
    "lost": "local.lost",
    "files": "local.files",
    "rebuild": "services.contacts.rebuilding",
    "bench": "benchmarks",
    "images": "local.images",
}
"""Verbs that another room performs: `python -m <module>` takes the arguments as they are."""
OF_A_HOUSE = ("migrate", "parked", "replay", "backup", "restore", "recovered", "lost", "files", "rebuild")
"""Those that work on a house that has been up."""


def main(arguments: list[str]) -> int:
    """Do what the verb says; answer with the exit code."""
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if verb in ("help", "-h", "--help"):
        print((Path(__file__).parent / "usage.txt").read_text(), end="")
        return 0
    if verb == "up":
        from local.up import up

        return up(rest)
    if verb == "test":
        from local.testing import test

        return test(rest)
    if verb in ELSEWHERE:
        from local.running import default_folder, settings_of_the_running_house

        os.chdir(CHECKOUT)
        env = {**settings_of_the_running_house(), **os.environ}
        if verb in OF_A_HOUSE and "RAPPORT_AMQP_URI" not in env:
            raise Trouble(f"nothing has run from {default_folder()}: ./rapport up first, or RAPPORT_DATA=DIR")
        os.execve(sys.executable, [sys.executable, "-m", ELSEWHERE[verb], *rest], env)
    print(f"{verb} is not a verb of ./rapport; these are:\n", file=sys.stderr)
    print((Path(__file__).parent / "usage.txt").read_text(), end="", file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
