"""A real S3 server that checks signatures: rclone over a folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.ports import LOOPBACK, free_port
from local.processes import wait_for

RCLONE = Path(sysconfig.get_path("scripts")) / "rclone"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "ada", "AWS_SECRET_ACCESS_KEY": "lovelace-1815"}


@contextmanager
def an_s3_server(folder: Path) -> Iterator[str]:
    """Serve the folder, whose folders are buckets, and tell the endpoint."""
    (folder / "files").mkdir()
    port = free_port()
    key = ",".join(CREDENTIALS.values())
    command = [RCLONE, "serve", "s3", folder, "--addr", f"{LOOPBACK}:{port}", "--auth-key", key, "--config", os.devnull]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert wait_for(lambda: _listens(port), 20), "the S3 server did not start"
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex((LOOPBACK, port)) == 0
