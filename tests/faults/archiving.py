"""A PostgreSQL that archives its log, is lost, and is recovered from a base backup and what was archived."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from local.dumps import run
from local.postgres import FAST_BUT_NOT_FOR_POWER_CUTS, PostgreSQL, owned_by_us
from local.processes import wait_for


class Archived(PostgreSQL):
    """What CloudNativePG does, with a folder in the place of its bucket."""

    def __init__(self, folder: Path) -> None:
        self.archive, self.base = folder / "archive", folder / "base"
        kept = {
            "archive_mode": "on",
            "archive_command": f"cp %p {self.archive}/.%f && mv {self.archive}/.%f {self.archive}/%f",
            "restore_command": f"cp {self.archive}/%f %p",
        }
        super().__init__(folder, name="archived", settings=FAST_BUT_NOT_FOR_POWER_CUTS | kept)
        self.archive.mkdir()
        owned_by_us(self.archive)

    def back_up(self) -> None:
        """Make the base backup, of which the log is no part."""
        run("pg_basebackup", self.url, "--checkpoint=fast", "--wal-method=none", f"--pgdata={self.base}")

    def archive_what_there_is(self) -> None:
        """Let the archive have everything until now; what comes after is in the server's own folder alone."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_walfile_name(pg_switch_wal())")
            [segment] = cursor.fetchone()
        assert wait_for((self.archive / segment).exists, 30), "the log was not archived"

    def lose(self) -> None:
        """Take the server away, with its folder; asked to leave, it would archive the rest."""
        self.kill()
        self.data.rename(self.data.with_suffix(".lost"))  # its last children may be writing there

    def recover(self) -> None:
        """Start the base backup, let it read the archive to its end, and wait until it takes writes."""
        shutil.copytree(self.base, self.data, symlinks=True)
        (self.data / "recovery.signal").touch()
        self.data.chmod(0o700)
        owned_by_us(self.data, *self.data.rglob("*"))
        self.start_again()
        assert wait_for(self._takes_writes, 60), "it is still recovering"

    def _takes_writes(self) -> bool:
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT NOT pg_is_in_recovery()")
            return cursor.fetchone()[0]
