"""Cursors are ours: whatever else comes as one is refused, and never breaks."""

from __future__ import annotations

import base64
import datetime as dt
import json
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Table, Text, Uuid, create_engine, select
from sqlalchemy.orm import Session

from chassis.pages import page_of
from contracts.errors import Invalid

shelf = Table(
    "shelf",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("owner", Uuid(as_uuid=False), nullable=False),
)
BY_NAME = (shelf.c.name, shelf.c.id)


def asked(limit: int, cursor: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(limit=limit, cursor=cursor)


def a_cursor(*members: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).decode()


@pytest.fixture(scope="module")
def work():
    engine = create_engine("sqlite://")
    shelf.metadata.create_all(engine)
    with Session(engine) as session:
        owner = "01890000-0000-7000-8000-000000000000"
        rows = [{"id": n, "name": f"n{n % 3}", "at": dt.datetime(2026, 1, n % 5 + 1, tzinfo=dt.UTC)} for n in range(23)]
        session.execute(shelf.insert(), [row | {"size": row["id"] % 4, "owner": owner} for row in rows])
        yield SimpleNamespace(session=session)


@pytest.mark.parametrize(
    "keys",
    [BY_NAME, (shelf.c.id.desc(),), (shelf.c.size.desc(), shelf.c.id.desc()), (shelf.c.size.desc(), *BY_NAME)],
    ids=["up", "one key down", "down", "both ways"],
)
def test_the_pages_together_are_the_list(work, keys):
    whole = list(work.session.scalars(select(shelf.c.id).order_by(*keys)))
    seen, cursor = [], None
    while True:
        page = page_of(work, select(shelf), keys, asked(5, cursor))
        seen += [row.id for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == whole


def test_a_full_last_page_has_no_next(work):
    assert page_of(work, select(shelf), BY_NAME, asked(23))["next"] is None


def test_the_cursor_of_another_order_is_refused(work):
    cursor = page_of(work, select(shelf), BY_NAME, asked(5))["next"]
    with pytest.raises(Invalid) as refusal:
        page_of(work, select(shelf), (shelf.c.name.desc(), shelf.c.id), asked(5, cursor))
    assert refusal.value.errors[0]["pointer"] == "/cursor"


@given(st.text(min_size=1) | st.lists(st.integers() | st.text() | st.none() | st.floats()).map(lambda v: a_cursor(*v)))
def test_whatever_is_no_cursor_is_refused(work, text):
    with pytest.raises(Invalid):
        page_of(work, select(shelf), BY_NAME, asked(5, text))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (shelf.c.size, 2**63),
        (shelf.c.size, "1"),
        (shelf.c.size, True),
        (shelf.c.name, "a\0b"),
        (shelf.c.name, 7),
        (shelf.c.at, "yesterday"),
        (shelf.c.owner, "me"),
    ],
    ids=str,
)
def test_a_cursor_that_holds_what_its_column_cannot_is_refused(work, column, value):
    order = json.loads(base64.urlsafe_b64decode(page_of(work, select(shelf), (column,), asked(1))["next"] + "=="))[0]
    with pytest.raises(Invalid):
        page_of(work, select(shelf), (column,), asked(1, a_cursor(order, value)))
