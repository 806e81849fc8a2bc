"""docker-compose.yml run from built images, without an engine: in its order, until everybody is healthy."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local import CHECKOUT, Trouble
from local.images.building import Image
from local.images.composed import COMPOSE_FILE, composed
from local.images.contained import BRIDGE, HOST, Contained
from local.images.servers import Servers
from local.processes import stop_all, wait_for
from local.terminal import say, step

EMAIL, PASSWORD = "owner@example.org", "correct horse battery staple"
FIRST_ADDRESS = 10


class Run:
    """One run, in a folder of its own."""

    def __init__(self, folder: Path, images: Mapping[str, Image]) -> None:
        folder.chmod(0o755)
        told = {name: secrets.token_hex(32) for name in re.findall(r"\$\{(\w+):\?", COMPOSE_FILE.read_text())}
        told |= {"RAPPORT_OWNER_EMAIL": EMAIL, "RAPPORT_OWNER_PASSWORD": PASSWORD}
        addresses = f"{HOST} postgres rabbitmq mail\n127.0.0.1 localhost\n"
        self._told = composed(told | {"RAPPORT_PUBLIC_URL": f"http://192.0.2.{FIRST_ADDRESS}:8080"})
        self._folder = folder
        ours = {name: container for name, container in self._told["services"].items() if "build" in container}
        ours = {"gateway": ours.pop("gateway"), **ours}
        self.containers = {
            name: Contained(name, told, image=images[told["build"]["args"]["SERVICE"]], number=number, folder=folder)
            for number, (name, told) in enumerate(ours.items(), FIRST_ADDRESS)
        }
        (folder / "hosts").write_text(addresses + f"{self.containers['gateway'].address} gateway\n")
        self.servers: Servers | None = None

    def up(self) -> None:
        """Do what `docker compose up` does."""
        self._lay_cables()
        self.servers = Servers(self._folder, self._told)
        with step("PostgreSQL and RabbitMQ"):
            self.servers.start()
        with step("a database and a role for each service"):
            self.servers.make_databases()
            self.servers.make_databases()  # again: it must change nothing
        with step("the databases at their newest form, queues declared"):
            self._do(*[name for name in self.containers if name.endswith("-migrate")])
        stay = [name for name, container in self.containers.items() if "healthcheck" in container.told]
        with step("five services and the gateway") as line:
            for name in stay:
                self.containers[name].start()
            self._wait_until_healthy(stay)
            line.note = f"({len(stay)} containers, healthy)"
        with step("welcome"):
            self._do("welcome")
        say((self._folder / "log" / "welcome.log").read_text().rstrip())

    def _lay_cables(self) -> None:
        for command in (
            f"link set lo up|link add {BRIDGE} type bridge|address add {HOST}/24 dev {BRIDGE}|link set {BRIDGE} up"
        ).split("|"):
            subprocess.run(["ip", *command.split()], check=True)
        Path("/run/netns").mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True)
        for volume in self._told["volumes"]:
            (self._folder / "volumes" / volume).mkdir(parents=True)
            os.chown(self._folder / "volumes" / volume, 10001, 10001)
        for container in self.containers.values():
            container.plug_in()

    def _do(self, *names: str) -> None:
        """Run containers that end by themselves, all at once."""
        for process in [self.containers[name].start() for name in names]:
            if not process.gone(300) or process.exit_code:
                raise Trouble(f"{process.name} failed with {process.exit_code}:\n{process.tail(30)}")

    def _wait_until_healthy(self, names: list[str], seconds: float = 90) -> None:
        waiting = [self.containers[name] for name in names]

        def look() -> bool:
            for container in list(waiting):
                if not container.alive():
                    raise Trouble(f"{container.name} died:\n{container.tail()}")
                if container.healthy():
                    waiting.remove(container)
            return not waiting

        if not wait_for(look, seconds, every=0.5):
            told = "\n".join(f"{container.name} is not healthy:\n{container.tail()}" for container in waiting)
            raise Trouble(told)

    def travel(self) -> None:
        """README's journey, line by line; any answer of 4xx or 5xx ends it."""
        text = (CHECKOUT / "README.md").read_text().partition("## A journey, with curl")[2]
        lines = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
        told = f"export RAPPORT=http://{self.containers['gateway'].address}:8080/v1 EMAIL={EMAIL} PASSWORD='{PASSWORD}'"
        lines = re.sub(r"^export RAPPORT=.*$", told, lines, flags=re.MULTILINE)
        script = 'set -eo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n' + lines
        with step("the journey of README"):
            done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=CHECKOUT, check=False)
            if done.returncode:
                raise Trouble(f"the journey ended early:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")

    def down(self) -> None:
        """Stop everything that was started; whoever had to be killed is told."""
        started = [container.process for container in self.containers.values() if container.process]
        with step("stopped everything") as line:
            killed = stop_all(started, 25)
            line.note = f"(killed: {', '.join(killed)})" if killed else ""
            if self.servers:
                self.servers.stop()
