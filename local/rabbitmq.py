"""A private RabbitMQ node of the machine's rabbitmq-server: own name, ports, data, cookie and epmd, loopback only."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import urllib.parse
from pathlib import Path

from local import Trouble
from local.ports import LOOPBACK, accepts, free_port
from local.processes import Process, wait_for
from local.secrets import kept_secret, write_secret
from local.servers import Server

USER = "rapport"


class RabbitMQ(Server):
    """One node. `management=True` adds the HTTP API, by which tests make and look into virtual hosts."""

    def __init__(self, folder: Path, *, name: str = "rabbitmq", management: bool = False, settings: str = "") -> None:
        self.folder = folder
        self.data = folder / name
        self.management = management
        self.settings = settings
        self.name = name
        self.port = self.management_port = self.epmd_port = self.distribution_port = 0
        self.epmd: Process | None = None

    @property
    def uri(self) -> str:
        """`pyamqp://…/rapport`, the virtual host that is there from the start."""
        return self.uri_of("rapport")

    def uri_of(self, virtual_host: str) -> str:
        """The URI of a virtual host."""
        return f"pyamqp://{USER}:{urllib.parse.quote(self.password())}@{LOOPBACK}:{self.port}/{virtual_host}"

    def password(self) -> str:
        """The password of the one user there is."""
        return kept_secret(self.folder / f"{self.name}.password")

    def start(self, port: int | None = None) -> list[Process]:
        """Start epmd and the node without waiting; started again, the node keeps its port."""
        script = server_script()
        if script is None:
            raise Trouble("rabbitmq-server is not installed")
        self.port = free_port(port or self.port)
        self.distribution_port = free_port(self.distribution_port)
        self.management_port = free_port(self.management_port) if self.management else 0
        if self.epmd is None or not self.epmd.alive():
            self.epmd_port = free_port(self.epmd_port)
            epmd = ["epmd", "-port", str(self.epmd_port), "-address", LOOPBACK]
            self.epmd = Process(f"{self.name}-epmd", epmd, self.folder, env=self._environment()).start()
        node = Process(self.name, [str(script)], self.folder, env=self._environment(), cwd=self.data)
        self.process = node.start()
        return [self.process, self.epmd]

    def evaluate(self, expression: str) -> str:
        """What the node itself answers to an Erlang expression, by its rabbitmqctl."""
        script = server_script()
        if script is None:
            raise Trouble("rabbitmq-server is not installed")
        command = [str(script.with_name("rabbitmqctl")), "--quiet", "eval", expression]
        return subprocess.run(command, env=self._environment(), check=True, capture_output=True, text=True).stdout

    @property
    def management_url(self) -> str:
        """The HTTP API, with the password in it."""
        return f"http://{USER}:{self.password()}@{LOOPBACK}:{self.management_port}/api"

    def _environment(self) -> dict[str, str]:
        for part in ("home", "log"):
            (self.data / part).mkdir(parents=True, exist_ok=True)
        cookie = self.data / "home" / ".erlang.cookie"
        if not cookie.exists():
            write_secret(cookie, secrets.token_hex(20))
            cookie.chmod(0o400)
        write_secret(self.data / "rabbitmq.conf", self._configuration())
        plugins = "rabbitmq_management" if self.management else ""
        (self.data / "enabled_plugins").write_text(f"[{plugins}].\n")
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
        return {
            "PATH": path,
            "HOME": str(self.data / "home"),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_CRASH_DUMP_BYTES": "0",
            "RABBITMQ_NODENAME": f"{self.node_name()}@localhost",
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_CONF_ENV_FILE": str(self.data / "rabbitmq-env.conf"),  # not the machine's
            "RABBITMQ_CONFIG_FILE": str(self.data / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.data / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.data / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.data / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.data / "log"),
            "RABBITMQ_PID_FILE": str(self.data / "node.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # The script then becomes the node instead of watching over it, so that signals and pids are the node's.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput +B i",
        }

    def node_name(self) -> str:
        """The node's own name, kept with its data because the data belongs to the name."""
        path = self.data / "node.name"
        if not path.exists():
            path.write_text(f"rapport-{secrets.token_hex(4)}")
        return path.read_text().strip()

    def _configuration(self) -> str:
        lines = [
            f"listeners.tcp.1 = {LOOPBACK}:{self.port}",
            "default_vhost = rapport",
            f"default_user = {USER}",
            f"default_pass = {self.password()}",
            "log.console = false",
            "log.file.level = info",
            "log.file.rotation.size = 10485760",
            "log.file.rotation.count = 3",
            "disk_free_limit.absolute = 50MB",
            "vm_memory_high_watermark.absolute = 1GB",
            "heartbeat = 30",
        ]
        if self.management:
            lines += [
                f"management.tcp.ip = {LOOPBACK}",
                f"management.tcp.port = {self.management_port}",
                "collect_statistics_interval = 1000",
            ]
        return "\n".join([*lines, self.settings]) + "\n"

    def wait(self, seconds: float = 90) -> None:
        """Wait until it accepts connections, which it does last of all."""
        if not wait_for(lambda: accepts(self.port) or not self._alive(), seconds) or not self._alive():
            tail = self.process.tail() if self.process else ""
            raise Trouble(f"RabbitMQ did not start; its log is in {self.data / 'log'}:\n{tail}")


def server_script() -> Path | None:
    """The script in the package's own library folder: the one on the PATH wants root or the user rabbitmq."""
    found = [
        Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
        *Path("/usr/lib/rabbitmq/lib").glob("*/sbin/rabbitmq-server"),
    ]
    found += [Path(home) / "sbin" / "rabbitmq-server" for home in filter(None, [os.environ.get("RABBITMQ_HOME")])]
    return next((path for path in found if path.exists() and shutil.which("erl")), None)
