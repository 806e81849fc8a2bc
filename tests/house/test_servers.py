"""The servers of the tests are real, private, and survive what fault tests do to them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa

from local.forking import Nursery
from local.house import environment
from local.processes import Process, read_record, still_runs, stop_leftovers, wait_for
from local.title import title_of
from tests.house.keeper import Servers
from tests.house.living import superuser


def test_a_database_server_keeps_what_it_committed_through_kill_9(a_database_server):
    server = a_database_server()
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n int)")
        cursor.execute("INSERT INTO kept VALUES (7)")
    port = server.port
    server.kill()
    server.start_again()
    assert server.port == port
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT n FROM kept")
        assert cursor.fetchall() == [(7,)]


def test_the_log_of_a_database_server_says_what_failed_and_of_whom_nothing(servers: Servers):
    with superuser(servers) as connection:
        connection.exec_driver_sql("CREATE TABLE letters (address text PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO letters VALUES ('ada@letters.example')")
        with pytest.raises(sa.exc.IntegrityError):
            connection.exec_driver_sql("INSERT INTO letters VALUES ('ada@letters.example')")
        connection.exec_driver_sql("DROP TABLE letters")
    log = (Path(servers.folder) / "log" / "postgresql.log").read_text()
    assert "letters_pkey" in log
    assert "ada@letters.example" not in log


def test_the_database_is_postgresql_18_with_the_extensions_we_use(servers: Servers):
    with superuser(servers) as connection:
        assert connection.exec_driver_sql("SHOW server_version").scalar_one().startswith("18")
        for extension in ("pg_trgm", "unaccent", "fuzzystrmatch"):
            connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {extension}")


def test_a_later_start_stops_what_an_earlier_one_left_and_nothing_else(tmp_path: Path):
    left = Process("left", ["sleep", "600"], tmp_path).start()
    foreign = Process("foreign", ["sleep", "600"], tmp_path / "elsewhere").start()
    record = read_record(tmp_path / "run" / "left.json")
    assert record
    assert still_runs(record)
    (tmp_path / "run" / "reused.json").write_text(
        '{"pid": %d, "started": 1, "boot": "%s", "signal": 15}' % (foreign.pid, record["boot"])  # noqa: UP031
    )
    assert stop_leftovers(tmp_path, seconds=5) == ["left"]
    assert left.exit_code == -signal.SIGTERM
    assert foreign.alive(), "a pid that was given to another process must be left alone"
    foreign.kill()


def test_children_die_with_whoever_started_them(tmp_path: Path):
    child = os.fork()
    if child == 0:
        Process("orphan", ["sleep", "600"], tmp_path).start()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    record = read_record(tmp_path / "run" / "orphan.json")
    assert record
    assert wait_for(lambda: not still_runs(record), 20)


def test_a_forked_service_is_a_process_like_any_other(a_house):
    house = a_house(services=["pipeline"])
    pipeline = house.process("pipeline")
    assert [line.get("event") for line in house.log("pipeline")][:1] == ["started"]
    assert title_of(pipeline.pid).endswith("-m chassis.run pipeline --role all"), "found with pgrep -f"
    pipeline.kill()
    assert pipeline.exit_code == -signal.SIGKILL
    again = house.start_again("pipeline")
    again.stop()
    assert again.exit_code == 0, "SIGTERM lets it finish"


def test_forked_services_leave_with_the_nursery(a_house, tmp_path):
    nursery = Nursery(tmp_path, environment())
    house = a_house(services=["pipeline"], nursery=nursery)
    nursery.kill()
    assert wait_for(lambda: not house.process("pipeline").alive(), 20)
