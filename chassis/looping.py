"""Doors that nobody knocks at: an entrypoint with a green thread of its own, which looks again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nameko.extensions import Entrypoint

if TYPE_CHECKING:
    from chassis.service import Runtime


class Looping(Entrypoint):
    """Runs `_run` in processes of its role, until it sees that `_stopping` is set."""

    role: str
    _runtime: Runtime
    _stopping = False
    _thread: Any = None

    def start(self) -> None:
        """Begin, when this process plays the role."""
        self._runtime = self.container.config["runtime"]
        if self.role in self._runtime.roles:
            self._thread = self.container.spawn_managed_thread(self._run, identifier=self.method_name)

    def stop(self) -> None:
        """Finish what is at hand."""
        self._stopping = True
        if self._thread is not None:
            self._runtime.ear.wake_all()
            self._thread.wait()

    def _run(self) -> None:
        raise NotImplementedError
