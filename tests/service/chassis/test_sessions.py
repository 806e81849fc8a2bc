"""What every session of a service asks of PostgreSQL."""

from chassis.database import engine_for


def test_the_locks_of_a_vanished_machine_are_soon_free(database):
    engine = engine_for(database("billing").url.render_as_string(hide_password=False), pool=1, name="tests")
    names = ("idle", "interval", "count")
    with engine.connect() as connection:
        idle, interval, count = (
            int(connection.exec_driver_sql(f"SHOW tcp_keepalives_{name}").scalar_one()) for name in names
        )
    engine.dispose()
    assert 0 < idle + interval * count <= 30
