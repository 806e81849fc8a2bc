"""What the compose file takes from others: PostgreSQL, RabbitMQ and the catcher of e-mail, at the bridge's address."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local import CHECKOUT
from local.images.contained import HOST
from local.ports import LOOPBACK
from local.postgres import PostgreSQL, binaries
from local.processes import Process
from local.rabbitmq import RabbitMQ


class Servers:
    """Those of this machine in the place of those that an engine would fetch, told what the compose file tells them."""

    def __init__(self, folder: Path, file: Mapping[str, Any]) -> None:
        self._folder = folder
        self._told = file["services"]
        users = folder / "users.json"
        users.write_text(file["configs"]["users"]["content"])
        broker = f"listeners.tcp.2 = {HOST}:5672\nload_definitions = {users}"
        self.rabbitmq = RabbitMQ(folder, settings=broker)
        self.postgresql = PostgreSQL(folder, settings={"listen_addresses": f"{LOOPBACK},{HOST}"})
        self.mail = Process(
            "mail", [sys.executable, "-m", "local.mail", "1025", str(folder / "mail"), HOST], folder, cwd=CHECKOUT
        )

    def start(self) -> None:
        """Start all three, and have PostgreSQL know the superuser that its image would make."""
        self.mail.start()
        self.rabbitmq.start()
        self.postgresql.prepare()
        with (self.postgresql.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 192.0.2.0/24 scram-sha-256\n")
        self.postgresql.start(5432)
        self.postgresql.wait()
        password = self._told["postgres"]["environment"]["POSTGRES_PASSWORD"]
        with self.postgresql.connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD %s", (password,))
        self.rabbitmq.wait()

    def make_databases(self) -> None:
        """The one-shot `databases`, by its own command, with another psql and the file where it lies."""
        told = self._told["databases"]
        _, *arguments = told["command"]
        file = CHECKOUT / told["volumes"][0].partition(":")[0]
        arguments = [f"--host={HOST}" if word == "--host=postgres" else word for word in arguments]
        arguments = [f"--file={file}" if word.startswith("--file=") else word for word in arguments]
        subprocess.run([str(binaries() / "psql"), *arguments], env=told["environment"], check=True)

    def stop(self) -> None:
        """Stop all three."""
        self.mail.stop()
        self.rabbitmq.stop()
        if self.rabbitmq.epmd:
            self.rabbitmq.epmd.stop()
        self.postgresql.stop()
