"""The data folder of `./rapport up`: one launcher at a time, and what the other verbs have to know of its house."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from local import CHECKOUT, Trouble
from local.ports import free_port
from local.secrets import write_secret


def default_folder() -> Path:
    """`.rapport` in the checkout, or RAPPORT_DATA."""
    return Path(os.environ.get("RAPPORT_DATA", CHECKOUT / ".rapport")).expanduser().resolve()


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[Path]:
    """Hold the data folder; a second launcher there is refused. The lock ends with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "launcher.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Trouble(
                f"Rapport already runs from {folder} (process {lock.read().strip()}); --data DIR takes another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield folder


def kept_port(folder: Path, name: str) -> int:
    """The port that this server had last time if it is still free, else another, kept for the next time."""
    path = folder / "ports.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    port = free_port(kept.get(name))
    if kept.get(name) != port:
        path.write_text(json.dumps({**kept, name: port}, indent=1))
    return port


def tell_settings(folder: Path, env: Mapping[str, str]) -> None:
    """Leave what the processes were told, for verbs that work on the running house; it holds secrets."""
    told = {name: value for name, value in env.items() if name.startswith("RAPPORT_") and "PASSWORD" not in name}
    write_secret(folder / "settings.json", json.dumps(told, indent=1))


def settings_of_the_running_house() -> dict[str, str]:
    """What the processes of the last `./rapport up` were told; nothing if there was none."""
    path = default_folder() / "settings.json"
    return json.loads(path.read_text()) if path.exists() else {}
