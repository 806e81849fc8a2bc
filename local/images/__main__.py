"""Build every image of deploy/Dockerfile with buildah, and run docker-compose.yml from them: `./rapport images`.

As root, with buildah and (for a base of the machine's own Debian) mmdebstrap. Processes run from the images' roots, in
namespaces, as the compose file says: by its commands, environment and user, with nothing to write to but its volumes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from local import Trouble
from local.images.building import IMAGES, Builder
from local.images.running import Run
from local.running import alone_in
from local.terminal import say, step

SEALED = "IN_A_NETWORK_OF_ITS_OWN"


def main(arguments: list[str]) -> int:
    """Build, look into what was built, and run it; answer with the exit code."""
    parser = argparse.ArgumentParser(prog="./rapport images", description=__doc__)
    parser.add_argument(
        "--base", help="a Debian-based image with python3; without, one is made of this machine's Debian"
    )
    parser.add_argument("--data", type=Path, default=Path("/var/tmp/rapport-images"), help="where buildah keeps images")
    parser.add_argument("--only", choices=("build", "run"), help="build and look, or run what was built before")
    options = parser.parse_args(arguments)
    missing = [name for name in ("buildah", "mmdebstrap", "ip", "unshare") if shutil.which(name) is None]
    if missing or os.geteuid():
        raise Trouble(f"this takes root, and: apt-get install buildah mmdebstrap iproute2 (missing: {missing})")
    with alone_in(options.data):
        builder = Builder(options.data)
        if options.only != "run" and SEALED not in os.environ:
            build(builder, options.base)
        if options.only != "build":
            run_sealed(builder)
    return 0


def build(builder: Builder, base: str | None) -> None:
    """Every image, and a look into each."""
    if base is None:
        with step("a base of this machine's Debian"):
            base = builder.debian()
    for image in IMAGES:
        with step(f"rapport-{image}") as line:
            builder.build(image, base)
            line.note = builder.looked_into(image)


def run_sealed(builder: Builder) -> None:
    """Run in a network of its own, which nothing outside reaches and which reaches nothing outside."""
    if SEALED not in os.environ:
        os.environ[SEALED] = "yes"
        again = [sys.executable, "-m", "local.images", *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation", "private", "--", *again])
    with tempfile.TemporaryDirectory(prefix="rapport-images-") as folder:
        run = Run(Path(folder), {image: builder.mounted(image) for image in IMAGES})
        try:
            run.up()
            run.travel()
        finally:
            run.down()
    say("the journey of README works in what was built")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        sys.exit(1)
