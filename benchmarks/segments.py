"""Twenty segments evaluated in full, beside the bare statements; then events followed with fifty segments defined.

On a database of its own, so that nobody else works at the same events, by the actions themselves.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from benchmarks.crowd import make_crowd
from benchmarks.results import Figure
from benchmarks.stage import Stage
from benchmarks.straight import Straight
from chassis import inbox, tables
from chassis.actor import Actor
from chassis.config import settings
from chassis.ids import new_id
from chassis.jobs import Job
from chassis.migrate import create_database, migrate
from chassis.told import Told
from chassis.work import Work
from contracts.contacts.facts import facts_changed
from contracts.contacts.filters import read_group
from services.contacts.finding.queries.catalogue import catalogue_of_segments
from services.contacts.finding.queries.fields import contacts as table
from services.contacts.finding.queries.matching import with_facts
from services.contacts.segments.actions import defining, following, stepping
from services.contacts.segments.entrypoints import FOLLOWED_AT_ONCE
from services.contacts.segments.queries.defined import Definition, definitions
from services.contacts.segments.rules.built_in import days, rule

READ = """
A segment's members stay, and each of them is an event: beside the evaluation stand the statements that write just that
down for good, since who wants to have it must write it. Plainly, a select into a temporary table writes no log, waits
for no disk and tells nobody; how many times as long the evaluation takes is the line below, which has no bound.
"""
WHOLE, FOLLOWED = 20, 50
ROUNDS = 12
AT_ONCE = 20_000
_CAUSE = {"type": "payment.taken", "event_id": None, "time": "2026-11-22T12:00:00Z"}
_BARE_EVENTS = """
    INSERT INTO bare_events (id, type, subject, time, data)
    SELECT uuidv7(), 'segment.entered', contact_id, now(), jsonb_build_object('segment_id', segment_id, 'name', 'S',
        'cause', '{"words": "the segment was defined"}'::jsonb)
    FROM bare_members WHERE segment_id = :segment_id
"""


def measure(stage: Stage, *, contacts: int) -> list[Figure]:
    """Make the crowd; evaluate; follow."""
    url = settings().database_url_of("contacts") + "_alone"
    create_database(url)
    migrate("contacts", url)
    straight = Straight(url)
    try:
        for start in range(0, contacts, AT_ONCE):
            with straight.engine.begin() as connection:
                make_crowd(connection, min(AT_ONCE, contacts - start), start=start)
        with straight.reading_engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        return [*_whole(straight, contacts), _followed(straight, contacts)]
    finally:
        straight.engine.dispose()


def _filters(n: int) -> list[Any]:
    """The rules of so many segments, no two alike."""
    found: list[Any] = []
    for more in range(-(-n // WHOLE)):
        found += [
            [rule("lifetime_value", ">=", 100_000 + more)],
            [rule("subscription_state", "=", "active"), rule("last_booking_at", "olderThan", days(45 + more))],
            [rule("created_at", "inLast", days(30 + more))],
            [rule("subscription_state", "=", ("active", "paused", "past_due")[more])],
            [rule("bookings", "=", 1 + more), rule("had_subscription", "=", False)],
            [rule("tags", "=", ("vip", "student", "press")[more])],
            [rule("source", "=", ("Flyer", "Google", "Event")[more]), rule("gender", "=", "female")],
            [rule("age", ">=", 60 + more)],
            [rule("birthday", ("birthdayThisMonth", "birthdayNextMonth", "birthdayToday")[more])],
            [rule("address_city", "=", ("Riga", "Porto", "Lyon")[more])],
            [rule("dues", ">", more)],
            [rule("last_visit_at", "inLast", days(7 + more))],
            [rule("last_visit_at", "olderThan", days(120 + more))],
            [rule("membership", "=", ("Gold", "Silver", "Ten classes")[more])],
            [rule("email", "endsWith", f"{1 + more}@example.org")],
            [rule("lifecycle", "=", "former_customer"), rule("last_contact_at", "notInLast", days(90 + more))],
            [rule("no_shows", ">=", 3 - more)],
            [rule("tags", "null"), rule("lifecycle", "=", ("lead", "customer", "former_customer")[more])],
            [rule("last_activity_at", "inLast", days(3 + more))],
            [rule("location", "=", "Wien"), rule("purchases", "between", [3, 5 + more])],
        ]
    return found[:n]


def _working(straight: Straight) -> Work:
    return Work(straight, actor=Actor(new_id(), "owner", "Olive Owner"))  # type: ignore[arg-type]


def _define(straight: Straight, first: int, after: int) -> None:
    with _working(straight) as work:
        for n, rules in list(enumerate(_filters(after)))[first:]:
            defining.add_segment(work, name=f"Segment {n}", description="", filter=read_group({"rules": rules}))


def _whole(straight: Straight, contacts: int) -> list[Figure]:
    _define(straight, 0, WHOLE)
    passing = _seconds(lambda: _bare_for_now(straight))
    bare = _seconds(lambda: _bare(straight))
    whole = _seconds(lambda: _evaluate(straight))
    with _working(straight) as work:
        members = work.session.scalar(sa.text("SELECT count(*) FROM segment_members"))
    name = f"{WHOLE} segments of {contacts:,} contacts, beside the bare statements"
    remark = f"{members:,} members in {whole:.1f} s beside {bare:.1f} s"
    plainly = Figure(f"{name} into temporary tables", whole / passing, None, f"{whole:.1f} s beside {passing:.1f} s")
    return [Figure(name, whole / bare, 2.0, remark, at_most=True), plainly]


def _bare_for_now(straight: Straight) -> None:
    """Who matches, into tables that end with the session, and nobody is told."""
    with _working(straight) as work:
        defined = definitions(work, catalogue_of_segments(work))
    with straight.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE bare_members (LIKE segment_members) ON COMMIT DROP")
        for definition in defined:
            connection.execute(_written(definition))


def _bare(straight: Straight) -> None:
    """What the database itself needs: who matches is written down for good, with an event each, segment by segment."""
    copies = {"bare_members": "segment_members", "bare_events": "events"}
    with straight.engine.begin() as connection:
        for copy, table in copies.items():
            connection.exec_driver_sql(f"CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)")
    with _working(straight) as work:
        defined = definitions(work, catalogue_of_segments(work))
    for definition in defined:
        with straight.engine.begin() as connection:
            connection.execute(_written(definition))
            connection.execute(sa.text(_BARE_EVENTS), {"segment_id": definition.id})


def _written(definition: Definition) -> Any:
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in ("segment_id", "contact_id", "entered_at")]
    matching = (
        sa.select(sa.literal(definition.id, sa.Uuid(as_uuid=False)), table.c.id, sa.func.now())
        .select_from(with_facts(perhaps=definition.found.of_facts))
        .where(table.c.standing == "active", definition.found.where)
    )
    return sa.insert(sa.table("bare_members", *columns)).from_select(columns, matching)


def _evaluate(straight: Straight) -> None:
    """Step by step, as the jobs do it, until none is left."""
    jobs = tables.jobs
    open_ = sa.select(jobs).where(jobs.c.state.in_(("queued", "running"))).order_by(jobs.c.id).limit(1)
    while True:
        with _working(straight) as work:
            row = work.session.execute(open_.with_for_update()).first()
            if row is None:
                return
            job = Job(row)
            stepping.evaluate_segment(work, job)
            kept = {"state": job.state, "checkpoint": job.checkpoint, "progress": job.progress}
            work.session.execute(sa.update(jobs).where(jobs.c.id == job.id).values(kept))


def _followed(straight: Straight, contacts: int) -> Figure:
    """Batches as a listener applies them, each of other contacts, whose lifetime value was turned about."""
    _define(straight, WHOLE, FOLLOWED)
    _evaluate(straight)
    with _working(straight) as work:
        some = sa.text("SELECT contact_id::text FROM facts ORDER BY md5(contact_id::text) LIMIT :most")
        ids = list(work.session.scalars(some, {"most": FOLLOWED_AT_ONCE * (ROUNDS + 1)}))
    batches = [ids[n : n + FOLLOWED_AT_ONCE] for n in range(0, len(ids), FOLLOWED_AT_ONCE)]
    times = [_follow(straight, batch) / len(batch) for batch in batches][1:]  # the first warms up
    remark = f"{FOLLOWED_AT_ONCE} at once, {contacts:,} contacts"
    return Figure(f"events a second with {FOLLOWED} segments", 1 / statistics.mean(times), 500, remark)


def _follow(straight: Straight, ids: list[str]) -> float:
    turned = "UPDATE facts SET lifetime_value = 150000 - lifetime_value WHERE contact_id = ANY(CAST(:ids AS uuid[]))"
    with _working(straight) as work:
        work.session.execute(sa.text(turned), {"ids": ids})
    data = facts_changed.load({"changes": {"lifetime_value": {"before": 0, "after": 1}}, "cause": _CAUSE})
    now = straight.clock()
    told = [Told(new_id(), facts_changed.type, "/rapport/contacts", one, now, 1, data, None, None, {}) for one in ids]
    return _seconds(lambda: _apply(straight, told))


def _apply(straight: Straight, told: list[Told]) -> None:
    with _working(straight) as work:
        inbox.accept(work.session, "follow", [event.id for event in told])
        following.follow(work, told)


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
