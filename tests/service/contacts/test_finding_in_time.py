"""A list is answered while somebody waits for it: another way where the first takes long, or refused with a reason."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from benchmarks.crowd import make_crowd
from chassis.pages import _wanted, cursor_after
from chassis.work import Work
from contracts.contacts import consent
from contracts.contacts.finding import SORTS, SearchContacts, search_contacts
from contracts.contacts.groups import ListMembers
from contracts.errors import Invalid
from services.contacts.finding.queries import paging
from services.contacts.finding.queries.fields import contacts, facts
from services.contacts.finding.queries.listing import list_contacts
from services.contacts.finding.queries.matching import with_facts
from services.contacts.finding.queries.sorting import order_of
from services.contacts.groups.queries import list_members
from tests.builders.people import a_lead
from tests.builders.works import Clockwork, a_clockwork

pytestmark = pytest.mark.requirement("C23")
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ENDLESS = sa.func.pg_sleep(30).is_(None)


@pytest.fixture(scope="module")
def crowd(servers):
    with a_clockwork(servers, now=NOON) as clockwork:
        with clockwork.runtime.engine.begin() as connection:
            make_crowd(connection, 300, now=NOON)
        yield clockwork


def asked(**members):
    return SearchContacts().load({"limit": 7, **members})


def walked_through(crowd: Clockwork, *, gathered: bool, sort: str) -> list[str]:
    """The ids of all pages of the tall, found by walking down the list or by gathering them first."""
    order, ids, cursor = order_of(sort), [], {}
    matching = sa.select(contacts.c.id).select_from(with_facts(known=order.of_facts)).where(contacts.c.gender == "male")
    while True:
        with crowd.reading() as work:
            page = paging._page(work, matching, order, asked(sort=sort, **cursor), 5, gathered=gathered)
        ids += [card["id"] for card in page["items"]]
        if page["next"] is None:
            return ids
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize("sort", [*SORTS, "-name", "-dues"])
def test_those_who_are_gathered_first_are_the_same_in_the_same_order(crowd, sort):
    ids = walked_through(crowd, gathered=True, sort=sort)
    assert len(ids) == 100
    assert ids == walked_through(crowd, gathered=False, sort=sort)


def test_behind_somebody_who_owes_nothing_all_others_who_owe_nothing_are_expected(crowd):
    """Else those who match are looked for one by one, of whom there seem to be none."""
    order, owing = order_of("dues"), sa.select(facts.c.dues, facts.c.contact_id)
    with crowd.runtime.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE facts")
        first = connection.execute(owing.where(facts.c.dues == 0).order_by(facts.c.contact_id.desc()).limit(1)).one()
        request = asked(limit=200, cursor=cursor_after(order.keys, first))
        found = _wanted(sa.select(facts.c.contact_id), order.keys, request, gathered=True).compile(connection)
        [plan] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {found}", found.params).scalar_one()
    assert plan["Plan"]["Plan Rows"] > 100


@contextmanager
def held_up(crowd: Clockwork, table: str) -> Iterator[list[str]]:
    """Nobody can read the table until somebody looks for them by hash; the statements from then on."""
    by_hash: list[str] = []
    with crowd.runtime.engine.connect() as other:
        other.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

        def let_go(_connection, _cursor, statement, *_):
            if "IS true" in statement:
                by_hash.append(statement)
                other.rollback()

        sa.event.listen(crowd.runtime.engine, "before_cursor_execute", let_go)
        yield by_hash
        sa.event.remove(crowd.runtime.engine, "before_cursor_execute", let_go)


VIPS = {"rules": [{"field": "tags", "operator": "=", "value": "vip"}]}
LATE = """
    WITH late AS (
        INSERT INTO groups (id, name, name_key, description, version, created_at)
        VALUES (gen_random_uuid(), 'Late', 'late', '', 1, now()) RETURNING id
    ), members AS (
        INSERT INTO group_members SELECT late.id, chosen.id, now() FROM late,
            (SELECT id FROM contacts WHERE standing = 'active' ORDER BY sort_name DESC LIMIT 20) AS chosen
    )
    SELECT id::text FROM late
"""


@pytest.mark.requirement("C22")
def test_those_of_a_tag_or_a_group_are_the_same_by_name_when_all_others_are_passed_by_hash(crowd):
    with crowd.work() as work:
        late = work.session.scalar(sa.text(LATE))
    lists = {
        "contact_tags": lambda work: list_contacts(work, asked(filter=VIPS, sort="name")),
        "group_members": lambda work: list_members(work, ListMembers().load({"group_id": late, "sort": "name"})),
    }
    for table, page in lists.items():
        with crowd.reading() as work:
            at_a_glance = page(work)
            with held_up(crowd, table) as by_hash:
                assert page(work) == at_a_glance
        assert len(by_hash) == 1
        assert at_a_glance["items"]


def test_what_takes_longer_than_somebody_waits_is_refused_with_what_to_ask_for_instead(crowd):
    """And the connection is as good as before."""
    started = time.monotonic()
    with Work(crowd.runtime, reading=True, ends=started + paging.SPARED + 0.4) as work:
        with pytest.raises(Invalid, match="few contacts have") as refusal:
            paging.page_in_time(work, contacts, [ENDLESS], order_of("newest"), asked())
        with pytest.raises(Invalid, match="few contacts have"):
            paging.counted(work, contacts, [ENDLESS])
        assert time.monotonic() - started < 15
        assert list_contacts(work, asked(count=True))["total"] == 294
        assert work.session.scalar(sa.text("SHOW statement_timeout")) == "1min"
    assert refusal.value.errors[0]["pointer"] == "/filter"


@pytest.mark.parametrize(
    ("operator", "negative", "value"),
    [
        ("=", "!=", "żó ban o’brien-łuk"),
        ("in", "notIn", ["nobody", "Żó Ban O’Brien-Łuk"]),
        ("contains", "doesNotContain", "N O’BRI"),
        ("contains", "doesNotContain", "-łuk"),
        ("beginsWith", "doesNotBeginWith", "Żó ba"),
        ("endsWith", "doesNotEndWith", "brien-ŁUK"),
    ],
)
def test_a_name_that_is_looked_up_where_cards_are_searched_is_still_that_name(ask, somebody, operator, negative, value):
    """Accents and quotes are not in the text for searching; what is left of the value is, and narrows it down."""
    hers = {"field": "email", "operator": "=", "value": somebody["emails"][0]["value"]}
    for at, ids in ((operator, [somebody["id"]]), (negative, [])):
        rule = {"field": "display_name", "operator": at, "value": value}
        found = ask(search_contacts, filter={"rules": [hers, rule]})["items"]
        assert [card["id"] for card in found] == ids


@pytest.fixture(scope="module")
def somebody(house):
    return a_lead(house.ask, first_name="Żó Ban", last_name="O’Brien-Łuk")


def test_what_somebody_said_last_is_what_is_found_and_never_asked_is_neither_yes_nor_no(ask, somebody):
    hers = {"field": "email", "operator": "=", "value": somebody["emails"][0]["value"]}

    def finds(operator, value=None):
        rule = {"field": "consent_email_marketing", "operator": operator, "value": value}
        return bool(ask(search_contacts, filter={"rules": [hers, rule]})["items"])

    def answers():
        return [finds("null"), finds("=", True), finds("=", False), finds("!=", True), finds("notNull")]

    given = {"how": "paper form", "when": "2026-05-01", "text": "I want the newsletter."}
    assert answers() == [True, False, False, True, False]
    for said in (True, False, True):
        wishes = {"channels": {"email": {"marketing": said}}}
        ask(consent.change_preferences, contact_id=somebody["id"], consent=given, **wishes)
        assert answers() == [False, said, not said, not said, True]
