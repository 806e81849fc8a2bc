"""`./rapport rebuild facts|timeline`: start the job and follow it to its end; interrupted, it goes on by itself."""

from __future__ import annotations

import argparse
import sys
import time

from chassis.actor import sign
from chassis.calls import Calls, Context
from chassis.config import settings
from contracts.contacts.rebuilding import PROJECTIONS, rebuild
from contracts.errors import Problem, Unavailable
from contracts.jobs import get_job

LOOK_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    """Rebuild what is named; 1 when it could not be done."""
    parser = argparse.ArgumentParser(prog="rapport rebuild", description=__doc__)
    parser.add_argument("projection", choices=PROJECTIONS)
    projection = parser.parse_args(arguments).projection
    calls = Calls(settings().amqp_uri)
    try:
        return _follow(calls, projection)
    except Problem as problem:
        print(f"not done: {problem.detail}", file=sys.stderr)
        return 1
    finally:
        calls.close()


def _follow(calls: Calls, projection: str) -> int:
    job_id = calls.ask(rebuild, {"projection": projection}, _context())["job_id"]
    while True:
        try:
            job = calls.ask(get_job["contacts"], {"job_id": job_id}, _context())
        except Unavailable:
            time.sleep(LOOK_SECONDS)
            continue
        done = job["progress"]
        print(f"{projection}: {done.get('done', 0)} of {done.get('total', '?')} events, {job['state']}", flush=True)
        if job["state"] not in ("queued", "running"):
            if job["error"]:
                print(job["error"], file=sys.stderr)
            return 0 if job["state"] == "done" else 1
        time.sleep(LOOK_SECONDS)


def _context() -> Context:
    return Context(token=sign(settings().secret, id="service:launcher", role="service", name="launcher"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
