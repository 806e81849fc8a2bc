"""An SMTP server that delivers nothing: each message becomes a file, for whoever wants to see what would have gone out.

`python -m local.mail PORT FOLDER [ADDRESS]`
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from local import CHECKOUT, Trouble
from local.house import environment
from local.ports import LOOPBACK, accepts, free_port
from local.processes import Process, wait_for

_log = logging.getLogger("local.mail")


class Catcher:
    """Keeps what arrives as `<nanoseconds>.eml`, whole or not at all, with the envelope in two headers of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        name = f"{time.time_ns()}.eml"
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(head.encode() + content)
        unfinished.rename(self.folder / name)
        _log.info("kept %s for %s", self.folder / name, ", ".join(envelope.rcpt_tos))
        return "250 kept"


def start_catcher(folder: Path) -> tuple[Process, str]:
    """Start the catcher for `<folder>/mail`; answer with its process and RAPPORT_SMTP_URL."""
    port = free_port()
    command = [sys.executable, "-m", "local.mail", str(port), str(folder / "mail")]
    process = Process("mail", command, folder, env=environment(), cwd=CHECKOUT).start()
    if not wait_for(lambda: accepts(port), 20):
        raise Trouble(f"the SMTP catcher did not start:\n{process.tail()}")
    return process, f"smtp://{LOOPBACK}:{port}"


async def serve(port: int, folder: Path, address: str = LOOPBACK) -> None:
    """Serve until SIGTERM."""
    loop = asyncio.get_running_loop()
    catcher = Catcher(folder)
    server = await loop.create_server(lambda: SMTP(catcher, hostname="rapport.local"), address, port)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
