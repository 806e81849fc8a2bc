"""Bring rabbitmq-server onto the machine by apt, without letting Debian start a broker of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from local import Trouble
from local.rabbitmq import server_script

POLICY = Path("/usr/sbin/policy-rc.d")
TWO_WAYS_OUT = """RabbitMQ is needed and is not on this machine, and it cannot be installed from here ({why}).
There are two ways out:
  docker compose up                          everything in containers
  RAPPORT_AMQP_URI=amqp://… ./rapport up     a RabbitMQ of your own
(or install it: apt-get install rabbitmq-server)"""


def ensure_rabbitmq() -> bool:
    """Install rabbitmq-server if it is missing and we may; say whether it had to be."""
    if server_script() is not None:
        return False
    if shutil.which("apt-get") is None:
        raise Trouble(TWO_WAYS_OUT.format(why="there is no apt-get"))
    become_root = _become_root()
    with _no_services_started(become_root):
        _run([*become_root, "apt-get", "update", "-q"])
        _run([*become_root, "apt-get", "install", "-y", "-q", "--no-install-recommends", "rabbitmq-server"])
    if server_script() is None:
        raise Trouble(TWO_WAYS_OUT.format(why="apt-get installed it, but its script is not where it should be"))
    return True


def _become_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    raise Trouble(TWO_WAYS_OUT.format(why="that takes root, or sudo without a password"))


def _run(command: list[str]) -> None:
    env = [f"{key}={value}" for key, value in {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}.items()]
    at = command.index("apt-get")
    command = [*command[:at], "env", *env, *command[at:]]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise Trouble(TWO_WAYS_OUT.format(why=f"{' '.join(command)} failed") + f"\n\n{tail}")


@contextlib.contextmanager
def _no_services_started(become_root: list[str]) -> Iterator[None]:
    """Tell Debian's packages to start nothing while we install (policy-rc.d, exit 101), and put back what was there."""
    if POLICY.exists() and subprocess.run([str(POLICY), "rabbitmq-server", "start"], check=False).returncode == 101:
        yield  # a container image often says so already
        return
    before = POLICY.with_name("policy-rc.d.before-rapport")
    set_aside = f"mv {POLICY} {before}; " if POLICY.exists() else ""
    put_back = f"mv {before} {POLICY}" if POLICY.exists() else f"rm -f {POLICY}"
    script = f"{set_aside}printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}"
    try:
        subprocess.run([*become_root, "sh", "-c", script], check=True)
        yield
    finally:
        subprocess.run([*become_root, "sh", "-c", put_back], check=True)
