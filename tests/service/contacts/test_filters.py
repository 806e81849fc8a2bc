"""The filter language against the database: what each rule finds, and that nothing is found on both sides of a not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings, strategies as st

from benchmarks.crowd import CITIES, SOURCES, TAGS, make_crowd
from contracts.contacts.filters import read_group
from contracts.contacts.finding import SearchContacts
from contracts.errors import Invalid
from services.contacts.finding.queries.catalogue import FIELDS
from services.contacts.finding.queries.listing import list_contacts
from services.contacts.finding.queries.matching import matching_page, select_matching
from services.contacts.finding.rules.days import UNITS
from services.contacts.finding.rules.operators import OPERATORS, Operator
from tests.builders.works import Clockwork, a_clockwork
from tests.house.keeper import Servers

NOW = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)
VIP = "JOIN tags ON tags.id = tag_id WHERE key = 'vip'"
WORDS = [*SOURCES, *CITIES, *TAGS, "a", "Ber", "%", "_", "\\", "female", "Gold", "ada.", "@example.org", "+4915"]


@pytest.fixture(scope="module")
def crowd(servers: Servers) -> Iterator[Clockwork]:
    """A hundred and twenty contacts, of whom ten have no facts yet."""
    with a_clockwork(servers, now=NOW) as clockwork:
        with clockwork.work() as work:
            make_crowd(work.session.connection(), 120, now=NOW)
            work.session.execute(sa.text("DELETE FROM facts WHERE contact_id IN (SELECT id FROM contacts LIMIT 10)"))
        yield clockwork


def rule(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def matching(crowd: Clockwork, *rules: dict[str, Any], **group: Any) -> set[str]:
    with crowd.reading() as work:
        filter = read_group({"rules": list(rules), **group})
        return set(work.session.scalars(select_matching(work, filter, standing=None)))


def those_where(crowd: Clockwork, sql: str) -> set[str]:
    with crowd.reading() as work:
        statement = f"SELECT id::text FROM contacts LEFT JOIN facts ON contact_id = id WHERE {sql}"
        return set(work.session.scalars(sa.text(statement), {"now": NOW}))


SAMPLES = {
    "text": st.sampled_from(WORDS),
    "number": st.integers(-5, 200) | st.floats(0, 200, allow_nan=False) | st.sampled_from(["12", 100000]),
    "age": st.integers(0, 120),
    "yes_no": st.booleans(),
    "date": st.dates(dt.date(1939, 1, 1), dt.date(2027, 12, 31)).map(str),
    "birthday": st.dates(dt.date(1939, 1, 1), dt.date(2009, 12, 31)).map(str),
    "moment": st.dates(dt.date(2021, 1, 1), dt.date(2027, 12, 31)).map(str)
    | st.datetimes(dt.datetime(2021, 1, 1), dt.datetime(2027, 1, 1)).map(lambda moment: f"{moment.isoformat()}Z"),  # noqa: DTZ001
    "set": st.sampled_from(TAGS),
    "choice": st.uuids().map(str),
}
STRETCHES = st.fixed_dictionaries({"n": st.integers(1, 90), "unit": st.sampled_from(UNITS)})


def values_for(kind: str, operator: Operator, choices: tuple[str, ...]) -> st.SearchStrategy[Any]:
    one = st.sampled_from(choices) if choices else SAMPLES.get(kind, st.none())
    return {
        "nothing": st.none(),
        "one": one,
        "several": st.lists(one, max_size=3),
        "two": st.lists(one, min_size=2, max_size=2),
        "stretch": STRETCHES,
        "tally": st.builds(lambda stretch, count: stretch | {"count": count}, STRETCHES, st.integers(0, 5)),
    }[operator.takes]


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    field = FIELDS[draw(st.sampled_from(sorted(FIELDS)))]
    operator = draw(st.sampled_from(OPERATORS[field.type]))
    return rule(field.name, operator.name, draw(values_for(field.type, operator, field.choices)))


def groups(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"combinator": st.sampled_from(["and", "or"]), "not": st.booleans(), "rules": st.lists(members, max_size=3)}
    )


FILTERS = groups(st.recursive(rules(), groups, max_leaves=8))


@pytest.mark.requirement("C24")
@settings(deadline=None, max_examples=150)
@given(filter=FILTERS)
def test_who_matches_and_who_does_not_are_everybody_once(crowd, filter):
    """`not` is the exact complement, whatever is missing on a card; any filter in shape is one statement that runs."""
    found = matching(crowd, filter)
    others = matching(crowd, filter | {"not": not filter["not"]})
    assert not found & others
    assert found | others == those_where(crowd, "true")


@pytest.mark.requirement("C24")
def test_of_each_text_it_is_known_how_many_have_which_in_whatever_case(crowd):
    """Else PostgreSQL takes each for a rare one, and looks up half the crowd where it could walk down the list."""
    with crowd.reading() as work:
        known = set(map(tuple, work.session.execute(sa.text("SELECT tablename, expr FROM pg_stats_ext_exprs"))))
    folded = [field.column for field in FIELDS.values() if field.type == "text" and field.folds]
    assert {(column.table.name, f"lower({column.name})") for column in folded} <= known


@pytest.mark.requirement("C23", "C24")
@pytest.mark.parametrize(
    ("given", "index"),
    [
        (rule("membership_number", "contains", "00007"), "contacts_search"),
        (rule("email", "endsWith", "@rare.example.org"), "contacts_search"),
        (rule("phone", "contains", "79070"), "contacts_search"),
        (rule("website", "contains", "rare"), "contacts_website"),
    ],
)
def test_a_part_of_what_stands_on_a_card_is_found_by_the_index_of_its_letters(crowd, given, index):
    with crowd.reading() as work:
        wanted = select_matching(work, read_group({"rules": [given]}), standing=None)
    with crowd.runtime.engine.connect() as connection:
        for way in ("seqscan", "indexscan", "indexonlyscan"):  # what a small crowd is read through, a large one is not
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        found = wanted.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {found}", found.params).scalars())
    assert f"Bitmap Index Scan on {index}" in plan, plan


@pytest.mark.requirement("C11", "C24")
@pytest.mark.parametrize(
    ("given", "sql"),
    [
        (rule("source", "=", "facebook"), "source = 'Facebook'"),
        (rule("source", "in", "Facebook,FLYER"), "source IN ('Facebook', 'Flyer')"),
        (rule("gender", "!=", "female"), "gender IS DISTINCT FROM 'female'"),
        (rule("gender", "null"), "gender IS NULL"),
        (rule("last_name", "contains", "BAR"), "last_name ILIKE '%bar%'"),
        (rule("last_name", "contains", "%"), "false"),
        (rule("email", "endsWith", "@Example.org"), "search LIKE '%@example.org%'"),
        (rule("email", "endsWith", "9@Example.org"), "search LIKE '%9@example.org%'"),
        (rule("phone", "contains", "07907"), "id IN (SELECT contact_id FROM phones WHERE value LIKE '%07907%')"),
        (rule("phone", "doesNotContain", "07907"),
         "id NOT IN (SELECT contact_id FROM phones WHERE value LIKE '%07907%')"),
        (rule("membership_number", "contains", "00007"), "membership_number LIKE '%00007%'"),
        (rule("membership_number", "=", "7000007"), "membership_number = '7000007'"),
        (rule("email", "null"), "false"),
        (rule("address_city", "=", "berlin"), "id IN (SELECT contact_id FROM addresses WHERE city = 'Berlin')"),
        (rule("address_country", "!=", "de"), "id NOT IN (SELECT contact_id FROM addresses)"),
        (rule("tags", "=", "VIP"), f"id IN (SELECT contact_id FROM contact_tags {VIP})"),
        (rule("tags", "null"), "id NOT IN (SELECT contact_id FROM contact_tags)"),
        (rule("lifetime_value", ">=", 50000), "lifetime_value >= 50000"),
        (rule("lifetime_value", "between", [0, 100]), "coalesce(lifetime_value, 0) BETWEEN 0 AND 100"),
        (rule("visits", "<", 3), "coalesce(visits, 0) < 3"),
        (rule("had_subscription", "=", False), "had_subscription IS NOT TRUE"),
        (rule("subscription_state", "in", ["active", "paused"]), "subscription_state IN ('active', 'paused')"),
        (rule("created_at", "inLast", {"n": 30, "unit": "day"}), "created_at >= '2026-10-24'"),
        (rule("last_booking_at", "inNext", {"n": 1, "unit": "week"}),
         "last_booking_at >= '2026-11-22' AND last_booking_at < '2026-11-29'"),
        (rule("last_booking_at", "olderThan", {"n": 45, "unit": "day"}), "last_booking_at < '2026-10-09'"),
        (rule("last_booking_at", "notInLast", {"n": 45, "unit": "day"}),
         "(last_booking_at >= '2026-10-09' AND last_booking_at < '2026-11-23') IS NOT TRUE"),
        (rule("last_visit_at", "null"), "last_visit_at IS NULL"),
        (rule("last_visit_at", "<=", "2026-10-01"), "last_visit_at < '2026-10-02'"),
        (rule("last_visit_at", ">", "2026-10-01T12:00:00+02:00"), "last_visit_at > '2026-10-01 10:00:00+00'"),
        (rule("age", ">=", 40), "birthday <= '1986-11-22'"),
        (rule("age", "between", [40, 40]), "birthday <= '1986-11-22' AND birthday > '1985-11-22'"),
        (rule("birthday", "birthdayThisMonth"), "extract(month FROM birthday) = 11"),
        (rule("birthday", "thisYear"), "false"),
        (rule("membership", "=", "gold"), "membership = 'Gold'"),
        (rule("standing", "=", "archived"), "standing = 'archived'"),
        (rule("lead_status", "=", "converted"), "lead_status IS NOT NULL AND lifecycle <> 'lead'"),
        (rule("lead_status", "in", "unqualified,new"),
         "lead_status IN ('unqualified', 'new') AND lifecycle = 'lead'"),
    ],
    ids=lambda told: f"{told['field']} {told['operator']}" if isinstance(told, dict) else "",
)  # fmt: skip
def test_a_rule_finds_whom_it_says(crowd, given, sql):
    found = matching(crowd, given)
    assert found == those_where(crowd, sql)


@pytest.mark.requirement("C24")
def test_groups_combine_and_nest(crowd):
    young = rule("age", "<", 40)
    found = matching(
        crowd,
        young,
        {"combinator": "or", "not": True, "rules": [rule("source", "=", "Flyer"), rule("tags", "=", "vip")]},
    )
    flyers, vips = matching(crowd, rule("source", "=", "Flyer")), matching(crowd, rule("tags", "=", "vip"))
    assert found == matching(crowd, young) - flyers - vips
    assert found


@pytest.mark.requirement("C24", "G06")
@pytest.mark.parametrize(
    ("given", "place"),
    [
        (rule("search", "=", "x"), "/field"),
        (rule("kind); DROP TABLE contacts; --", "=", "x"), "/field"),
        (rule("fields.shoe_size", "=", "x"), "/field"),
        (rule("kind", "contains", "x"), "/operator"),
        (rule("visits", "inLast", {"n": 3, "unit": "day"}), "/operator"),
        (rule("kind", "=", "dog"), "/value"),
        (rule("kind", "in", ["person", "dog"]), "/value/1"),
        (rule("kind", "=", ["person"]), "/value"),
        (rule("first_name", "=", ""), "/value"),
        (rule("visits", "=", "many"), "/value"),
        (rule("visits", ">", True), "/value"),
        (rule("visits", "between", [1]), "/value"),
        (rule("visits", "between", [1, "x"]), "/value/1"),
        (rule("birthday", "=", "2026-02-30"), "/value"),
        (rule("created_at", ">", "2026-11-22T18:00:00"), "/value"),
        (rule("created_at", "inLast", 30), "/value"),
        (rule("created_at", "inLast", {"n": 0, "unit": "day"}), "/value/n"),
        (rule("created_at", "inLast", {"n": 10, "unit": "fortnight"}), "/value/unit"),
        (rule("assigned_to", "=", "me"), "/value"),
        (rule("had_subscription", "=", "perhaps"), "/value"),
        (rule("age", ">", -1), "/value"),
    ],
    ids=lambda told: f"{told['field'][:20]} {told['operator']}" if isinstance(told, dict) else "",
)
def test_what_makes_no_sense_is_refused_at_its_place(crowd, given, place):
    with pytest.raises(Invalid) as refused:
        matching(crowd, rule("kind", "=", "person"), {"rules": [given]})
    assert [error["pointer"] for error in refused.value.errors] == [f"/filter/rules/1/rules/0{place}"]


NARROWED = [
    (rule("lifecycle", "=", "customer"), "lifecycle = 'customer'"),
    (rule("visits", "<", 20), "coalesce(visits, 0) < 20"),
    (rule("last_visit_at", "notNull"), "last_visit_at IS NOT NULL"),
]
"""By a contact's own row, by facts that are nought where there are none, and by facts that there must be."""


@pytest.mark.requirement("C27")
@pytest.mark.parametrize(("asked", "sql"), NARROWED)
def test_pages_of_ids_hold_all_who_match_once(crowd, asked, sql):
    filter = read_group({"rules": [asked]})
    found: list[str] = []
    with crowd.reading() as work:
        while page := matching_page(work, filter, found[-1] if found else None, 7):
            found += page
    assert found == sorted(those_where(crowd, f"{sql} AND standing = 'active'"))


@pytest.mark.requirement("C23", "C24")
@pytest.mark.parametrize(("asked", "sql"), NARROWED)
def test_pages_of_a_list_hold_all_who_match_once_from_either_end(crowd, asked, sql):
    wanted = sorted(those_where(crowd, f"{sql} AND standing = 'active'"))
    for sort, expected in (("-newest", wanted), ("newest", wanted[::-1])):
        found, cursor = [], {}
        while True:
            request = {"filter": {"rules": [asked]}, "limit": 7, "sort": sort, "count": True, **cursor}
            with crowd.reading() as work:
                page = list_contacts(work, SearchContacts().load(request))
            found += [card["id"] for card in page["items"]]
            assert page["total"] == len(wanted)
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert found == expected
