"""What the two servers have in common: a process that is stopped, killed and started again."""

from __future__ import annotations

from abc import ABC, abstractmethod

from local.processes import Process


class Server(ABC):
    """A server of our own, in a folder of its own."""

    process: Process | None = None

    @abstractmethod
    def start(self, port: int | None = None) -> object:
        """Start it without waiting; started again, it keeps its port."""

    @abstractmethod
    def wait(self, seconds: float = 90) -> None:
        """Return when it answers; Trouble when it does not."""

    def stop(self, seconds: float = 20) -> None:
        """Ask it to leave, and wait; PostgreSQL cuts its connections and leaves its files whole."""
        if self.process:
            self.process.stop(seconds)

    def kill(self) -> None:
        """kill -9; the children of a postmaster notice and leave."""
        if self.process:
            self.process.kill()

    def start_again(self) -> None:
        """Start it again, on its port, and wait."""
        self.start()
        self.wait()

    def _alive(self) -> bool:
        return self.process is not None and self.process.alive()
