"""Three nodes of RabbitMQ as one broker behind one address, as a cluster operator's Service shows them."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.ports import LOOPBACK, accepts, free_port
from local.rabbitmq import RabbitMQ
from local.secrets import write_secret
from tests.builders.waiting import eventually
from tests.house.living import make_quorum_host, make_virtual_host, manage

NODES = 3


class Cluster(RabbitMQ):
    """Its `port` leads to a node that answers, whichever that is; `management_url` is the first one's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, name="broker-0")
        self.nodes = [RabbitMQ(folder, name=f"broker-{n}", management=True) for n in range(NODES)]
        self._listener = socket.create_server((LOOPBACK, free_port()))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def management_url(self) -> str:
        """The HTTP API of a node that answers."""
        return next(node.management_url for node in self.nodes if accepts(node.management_port))

    def open(self) -> None:
        """Start the nodes, which know each other's names and share a cookie, a password and the way to each other."""
        cookie, password = secrets.token_hex(20), secrets.token_hex(20)
        for node in self.nodes:
            (node.data / "home").mkdir(parents=True)
            write_secret(node.data / "home" / ".erlang.cookie", cookie)
            (node.data / "home" / ".erlang.cookie").chmod(0o400)
            write_secret(self.folder / f"{node.name}.password", password)
        found = [
            "cluster_formation.peer_discovery_backend = classic_config",
            "cluster_partition_handling = pause_minority",
        ]
        found += [
            f"cluster_formation.classic_config.nodes.{n} = {one.node_name()}@localhost"
            for n, one in enumerate(self.nodes, 1)
        ]
        for node in self.nodes:
            node.settings = "\n".join(found)
            node.epmd, node.epmd_port = self.nodes[0].epmd, self.nodes[0].epmd_port
            node.start()
        for node in self.nodes:
            node.wait()
        manage(self, "DELETE", "vhosts/rapport")  # it is there from the start, with the type of a laptop
        make_quorum_host(self, "rapport")
        make_virtual_host(self, "rapport")

    def where(self, queue: str) -> RabbitMQ:
        """The node on which a queue lives, or is led."""
        told = eventually(lambda: manage(self, "GET", f"queues/rapport/{queue}").get("node"))
        return next(node for node in self.nodes if told == f"{node.node_name()}@localhost")

    def kill(self) -> None:
        """End all of it."""
        self._listener.close()
        for node in self.nodes:
            node.kill()
        if epmd := self.nodes[0].epmd:
            epmd.kill()

    def _accept(self) -> None:
        turn = 0
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # the test is over
                return
            turn += 1
            ports = [self.nodes[(turn + n) % NODES].port for n in range(NODES)]
            far = next((found for found in map(_reach, ports) if found), None)
            if far is None:
                near.close()
                continue
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=ends, daemon=True).start()


def _reach(port: int) -> socket.socket | None:
    try:
        return socket.create_connection((LOOPBACK, port), timeout=1)
    except OSError:
        return None


def _pump(source: socket.socket, target: socket.socket) -> None:
    source.settimeout(None)
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
    except OSError:  # one of the ends is gone
        return
    finally:
        for end in (source, target):
            end.close()


@contextmanager
def a_cluster(folder: Path) -> Iterator[Cluster]:
    """Three nodes of its own in that folder; they are killed afterwards, in whatever state they were left."""
    cluster = Cluster(folder)
    try:
        cluster.open()
        yield cluster
    finally:
        cluster.kill()
