"""New rows that are written in one statement are rows of the session like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.flushing import written_together
from chassis.ids import new_id
from services.billing.credit.model import CreditAccount, CreditEntry
from services.billing.payments.model import Payment
from tests.builders.works import a_clockwork
from tests.service.billing.conftest import BEGINNING

EUR = {"currency": "EUR", "balance": 5}


@pytest.fixture(scope="module")
def clockwork(servers) -> Iterator[Any]:
    with a_clockwork(servers, "billing", now=BEGINNING) as made:
        yield made


@contextmanager
def heard(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements that are said meanwhile."""
    said: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def test_they_are_one_statement_and_read_and_changed_without_another_look(clockwork):
    contact, amount = new_id(), {"amount": 5, "kind": "granted", "by": "Olive"}
    with clockwork.work() as work:
        with heard(clockwork.runtime.engine) as said, written_together(work.session):
            account = CreditAccount(contact_id=contact, **EUR)
            entries = [
                CreditEntry(id=new_id(), contact_id=contact, entered_at=work.now, **amount, **EUR) for _ in range(3)
            ]
            work.session.add_all([account, *entries])
            work.session.flush()
            assert [statement.count("INSERT INTO") for statement in said] == [2]
            assert (entries[0].reason, len(said)) == (None, 1)
            account.balance = 15
        assert [statement.split()[0] for statement in said] == ["WITH", "UPDATE"]
        assert work.session.get(CreditAccount, (contact, "EUR")) is account
    with clockwork.reading() as work:
        assert work.session.get_one(CreditAccount, (contact, "EUR")).balance == 15
        assert len(work.session.scalars(sa.select(CreditEntry).filter_by(contact_id=contact)).all()) == 3


def test_what_is_left_to_be_filled_in_is(clockwork):
    amounts = {"amount": 5, "refunded": 0, "refunding": 0, "currency": "EUR", "version": 1}
    with clockwork.work() as work:
        asked = {"asked_by": "Olive", "asked_at": work.now, "method": "cash", "state": "taken"}
        with written_together(work.session):
            payment = Payment(id=new_id(), contact_id=new_id(), renewal_id=new_id(), **amounts, **asked)
            work.session.add(payment)
        assert payment.recurring is False
