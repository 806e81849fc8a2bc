"""The first account and the demo studio of a house whose processes run elsewhere, as in containers.

`python -m local.welcome FOLDER [--gateway URL] [--no-demo]`; what is done is noted in the folder, and done once.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from chassis.actor import FOR_GATEWAY, sign
from contracts.errors import Unavailable
from local import Trouble
from local.demo import story
from local.demo.client import Client
from local.owner import Owner, let_the_owner_in
from local.terminal import say, step


def fill_with_demo_data(folder: Path, url: str, env: Mapping[str, str], owner: Owner) -> None:
    """Once in the life of a data folder; cut short, it is Trouble, and made whole the next time."""
    told = folder / "demo.told"
    if told.exists():
        return
    token = sign(env["RAPPORT_SECRET"], id=owner.id, role="owner", name="Owner", audience=FOR_GATEWAY)
    try:
        with step("demo data") as line, contextlib.closing(Client(url, token)) as client:
            line.note = story.tell(client, env.get("RAPPORT_CURRENCY", "EUR"))
    except OSError as error:  # requests' errors are OSErrors
        raise Trouble(f"the demo data could not be made: {error}") from error
    told.write_text(f"{line.note}\n")


def main(arguments: Sequence[str]) -> int:
    """Let the owner in, tell the demo, and say where the house stands; answer with the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.welcome", description=__doc__)
    parser.add_argument("folder", type=Path, help="where it is noted what is done already")
    parser.add_argument("--gateway", default="http://gateway:8080", help="where the gateway answers")
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="leave the demo data out")
    options = parser.parse_args(arguments)
    try:
        owner = let_the_owner_in(options.folder, os.environ)
        say(f"  sign in: {owner.sentence}")
        if options.demo:
            fill_with_demo_data(options.folder, options.gateway, os.environ, owner)
    except (Trouble, Unavailable) as trouble:
        print(f"{trouble}\nstarted again, it goes on from there", file=sys.stderr)
        return 1
    address = os.environ.get("RAPPORT_PUBLIC_URL", options.gateway)
    say(f"ready {address}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
