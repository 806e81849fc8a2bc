"""The in-house provider for demos and tests: no money moves, and it remembers what it answered.

| token | answer |
|---|---|
| `tok_visa` | takes the money |
| `tok_declined` | declines |
| `tok_slow` | takes the money, two seconds later |
| `tok_lost` | takes the money, but its first answer never arrives |
"""

from __future__ import annotations

import time
from functools import cached_property

from sqlalchemy import Engine, create_engine, text

from chassis.config import settings
from services.billing.cards.port import CardDeclined, ProviderUnreachable

TOKENS = ("tok_visa", "tok_declined", "tok_slow", "tok_lost")

_PREPARE = text("""
    INSERT INTO test_card_charges (reference, token, amount, currency, state)
    VALUES (:reference, :token, :amount, :currency, 'prepared') ON CONFLICT DO NOTHING""")
_CHARGE = text("""
    UPDATE test_card_charges SET state = CASE token WHEN 'tok_declined' THEN 'declined' ELSE 'taken' END
    WHERE reference = :reference AND state = 'prepared' RETURNING token""")
_STATE = text("SELECT state FROM test_card_charges WHERE reference = :reference")
_GIVE_BACK = text("""
    INSERT INTO test_card_refunds (key, reference, amount) VALUES (:key, :reference, :amount) ON CONFLICT DO NOTHING""")


class TestProvider:
    """The provider behind RAPPORT_CARD_PROVIDER=test; its memory is its own, by its own connection."""

    __test__ = False  # its name starts like a test's, and pytest should know better
    name = "test"
    default_token: str | None = "tok_visa"
    limit = 4.0

    @cached_property
    def _engine(self) -> Engine:
        url = settings().database_url_of("billing")
        return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=2, max_overflow=10, pool_pre_ping=True)

    def prepare(self, *, amount: int, currency: str, token: str, key: str, description: str) -> str:
        if token not in TOKENS:
            raise CardDeclined("unknown_token")
        reference = f"test_{key}"
        with self._engine.connect() as connection:
            charge = {"reference": reference, "token": token, "amount": amount, "currency": currency}
            connection.execute(_PREPARE, charge)
        return reference

    def charge(self, reference: str) -> None:
        with self._engine.connect() as connection:
            token = connection.scalar(_CHARGE, {"reference": reference})
            state = connection.scalar(_STATE, {"reference": reference})
        if state == "declined":
            raise CardDeclined("card_declined")
        if token == "tok_slow":
            time.sleep(2)
        if token == "tok_lost":
            raise ProviderUnreachable("The answer was lost.")

    def give_back(self, reference: str, *, amount: int, key: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(_GIVE_BACK, {"key": key, "reference": reference, "amount": amount})
