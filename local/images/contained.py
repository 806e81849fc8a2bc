"""One container of the compose file, as a process in an image's root filesystem and in namespaces of its own."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.images.building import Image
from local.processes import Process

BRIDGE = "rapport"
HOST = "192.0.2.1"


class Contained:
    """The container `name`: made of what the compose file tells of it, at an address of its own."""

    def __init__(self, name: str, told: Mapping[str, Any], *, image: Image, number: int, folder: Path) -> None:
        self.name = name
        self.told = told
        self.folder = folder
        self.address = f"192.0.2.{number}"
        self._image = image
        self._namespace = f"rapport-{number}"
        self._link = f"rapport{number}"
        self.process: Process | None = None

    def plug_in(self) -> None:
        """Give it a network of its own with one cable to the bridge."""
        inside = ["ip", "-n", self._namespace]
        for command in (
            ["ip", "netns", "add", self._namespace],
            ["ip", "link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns", self._namespace],
            ["ip", "link", "set", self._link, "master", BRIDGE, "up"],
            [*inside, "address", "add", f"{self.address}/24", "dev", "eth0"],
            [*inside, "link", "set", "eth0", "up"],
            [*inside, "link", "set", "lo", "up"],
        ):
            subprocess.run(command, check=True)

    def start(self) -> Process:
        """Run its command."""
        self.process = Process(self.name, self._inside(self.told.get("command", self._image.command)), self.folder)
        return self.process.start()

    def alive(self) -> bool:
        return self.process is not None and self.process.alive()

    def tail(self) -> str:
        """The last lines of its log."""
        return self.process.tail(20) if self.process else ""

    def healthy(self) -> bool:
        """Run its health check, as an engine does: inside."""
        _, *check = self.told["healthcheck"]["test"]
        return subprocess.run(self._inside(check), capture_output=True, check=False, timeout=20).returncode == 0

    def _inside(self, command: list[str]) -> list[str]:
        """As the compose file's user, without a right, in a root that nobody writes to but where it says so."""
        root = self._image.root
        lines = [f"mount --bind {root} {root}", f"mount --rbind /dev {root}/dev", f"mount -t proc proc {root}/proc"]
        for path, _, options in (mount.partition(":") for mount in self.told["tmpfs"]):
            lines.append(f"mount -t tmpfs -o {options} tmpfs {root}{path}")
        for volume, _, path in (mount.partition(":") for mount in self.told.get("volumes", [])):
            lines.append(f"mount --bind {self.folder / 'volumes' / volume} {root}{path}")
        lines.append(f"mount --bind {self.folder / 'hosts'} {root}/etc/hosts")
        lines.append(f"mount -o remount,ro,bind {root}")
        user, _, group = self.told["user"].partition(":")
        environment = [
            f"{name}={value}" for name, value in {**self._image.environment, **self.told["environment"]}.items()
        ]
        rights = ["setpriv", "--no-new-privs", "--bounding-set=-all,+sys_chroot,+setuid,+setgid", "--"]
        root_of = ["chroot", f"--userspec={user}:{group}", "--groups=", str(root)]
        enter = [*rights, *root_of, "/usr/bin/env", "-i", "-C", "/rapport"]
        lines.append(f"exec {shlex.join([*enter, *environment, *command])}")
        script = "set -e\n" + "\n".join(lines)
        return ["ip", "netns", "exec", self._namespace, "unshare", "--mount", "sh", "-c", script]
