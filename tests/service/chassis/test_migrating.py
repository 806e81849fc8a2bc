"""Migrations take the time that they need, whatever the role is told elsewhere."""

from __future__ import annotations

import amqp
import pytest
import sqlalchemy as sa

from chassis.broker import connect
from chassis.migrate import create_database, migrate, patiently
from tests.house.keeper import Servers
from tests.house.living import superuser

SLOW = """
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    op.execute("SELECT pg_sleep(0.3)")
"""


@pytest.fixture
def hasty(servers: Servers):
    """A database whose sessions give up after a tenth of a second."""
    with superuser(servers) as connection:
        connection.exec_driver_sql("CREATE DATABASE hasty")
        connection.exec_driver_sql("ALTER DATABASE hasty SET statement_timeout = '100ms'")
        connection.exec_driver_sql("ALTER DATABASE hasty SET idle_in_transaction_session_timeout = '100ms'")
        yield servers.database("hasty")
        connection.exec_driver_sql("DROP DATABASE hasty WITH (FORCE)")


@pytest.mark.requirement("O02", "O04")
def test_a_slow_migration_is_not_given_up_for_the_limits_of_the_role(hasty, tmp_path):
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001_slow.py").write_text(SLOW)
    assert migrate("contacts", hasty, tmp_path / "versions") == ["0001"]


@pytest.mark.requirement("O02")
def test_a_server_that_does_not_know_who_asks_is_not_waited_for(servers, capsys):
    stranger = sa.make_url(servers.database("nowhere")).set(username="nobody", password="nothing")
    with pytest.raises(sa.exc.OperationalError, match=r"nobody|authentication failed"):
        patiently(lambda: create_database(stranger.render_as_string(hide_password=False)), "no database yet")
    with pytest.raises(amqp.NotAllowed):
        patiently(lambda: connect(servers.virtual_host("nowhere")), "no broker yet")
    assert capsys.readouterr().err == ""
