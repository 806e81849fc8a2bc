"""What the gateway's workers share from before they are forked: code, and nothing that is somebody's own."""

from __future__ import annotations

import json
import subprocess
import sys

from local.house import environment

BEFORE_THE_FORK = """
import json, sys, threading
from gateway import gunicorn

gunicorn.on_starting(None)
from gevent._hub_local import get_hub_if_exists
import psutil

print(json.dumps({
    "imported": "gateway.web" in sys.modules, "app": "gateway.app" in sys.modules, "threads": threading.active_count(),
    "hub": get_hub_if_exists() is not None, "connections": len(psutil.Process().net_connections()),
}))
"""


def test_workers_share_what_is_imported_and_no_connection_thread_or_loop() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEFORE_THE_FORK], env=environment(), capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told == {"imported": True, "app": False, "threads": 1, "hub": False, "connections": 0}
