"""The in-house provider for demos and tests: no money moves, and it remembers what it answered.

| token | kept on file | charged |
|---|---|---|
| `tok_visa`, `tok_mastercard` | yes | takes the money |
| `tok_declined` | declines | declines |
| `tok_charge_declined` | yes | declines |
| `tok_slow` | yes, two seconds later | takes the money, two seconds later |
| `tok_lost` | yes, but its first answer never arrives | takes the money, but its first answer never arrives |
| `tok_authenticate` | yes | once the cardholder has answered at `/v1/public/test-bank` (3-D Secure) |
"""

from __future__ import annotations

import hmac
import time
from typing import Any

from sqlalchemy import URL, create_engine
from sqlalchemy.exc import DBAPIError

from chassis.config import settings
from services.billing.cards.port import CardDeclined, KeptCard, NotAuthenticated, Notice, ProviderUnreachable

CARDS = {
    "tok_visa": ("visa", "4242"),
    "tok_mastercard": ("mastercard", "4444"),
    "tok_declined": ("visa", "0002"),
    "tok_charge_declined": ("visa", "0341"),
    "tok_slow": ("visa", "0077"),
    "tok_lost": ("visa", "0119"),
    "tok_authenticate": ("visa", "3155"),
}
EXPIRES = "2034-12"
AT_ONCE = 8
"""So many errands ask at the same time (`chassis.errands`): for each a connection is kept, since making one is dear."""

_PREPARE = """
    INSERT INTO test_card_charges (reference, token, amount, currency, state)
    SELECT %(reference)s, asked.token, %(amount)s, %(currency)s, 'prepared'
    FROM (VALUES (CAST(%(token)s AS text))) AS given (token)
    LEFT JOIN test_cards AS kept ON kept.reference = given.token
    CROSS JOIN LATERAL (SELECT COALESCE(kept.token, given.token) AS token) AS asked
    WHERE asked.token = ANY(%(known)s) AND (kept.reference IS NULL
        OR kept.customer = CAST(%(customer)s AS text) AND NOT kept.forgotten)
    ON CONFLICT DO NOTHING RETURNING reference"""
_CHARGE = """
    UPDATE test_card_charges SET state = CASE
        WHEN token IN ('tok_declined', 'tok_charge_declined') THEN 'declined'
        WHEN token = 'tok_authenticate' THEN 'authenticating' ELSE 'taken' END
    WHERE reference = %(reference)s AND state = 'prepared' RETURNING token, state"""
_ANSWER = """
    UPDATE test_card_charges SET state = %(state)s WHERE reference = %(reference)s AND state = 'authenticating'
    RETURNING reference"""
_GIVE_UP = """
    UPDATE test_card_charges SET state = 'not_authenticated'
    WHERE reference = %(reference)s AND state IN ('prepared', 'authenticating')"""
_STATE = "SELECT state FROM test_card_charges WHERE reference = %(reference)s"
_GIVE_BACK = """
    INSERT INTO test_card_refunds (key, reference, amount) VALUES (%(key)s, %(reference)s, %(amount)s)
    ON CONFLICT DO NOTHING"""
_KEEP = """
    INSERT INTO test_cards (reference, token, customer) VALUES (%(reference)s, %(token)s, %(customer)s)
    ON CONFLICT DO NOTHING RETURNING token"""
_KEPT = "SELECT token, customer, forgotten FROM test_cards WHERE reference = %(reference)s"
_FORGET = "UPDATE test_cards SET forgotten = true WHERE reference = %(reference)s"


class TestProvider:
    """The provider behind RAPPORT_CARD_PROVIDER=test; its memory is its own, by its own connections.

    It waits for no disk. What a crash of the server takes from it nobody has in their books either: whatever is
    committed after an answer, in the same server, has the answer on the disk with it.
    """

    __test__ = False  # its name starts like a test's, and pytest should know better
    name = "test"
    default_token: str | None = "tok_visa"
    publishable_key: str | None = None
    limit = 4.0

    def __init__(self, url: str | URL, **connecting: Any) -> None:
        at_once = {"options": "-c synchronous_commit=off", **connecting}
        self._engine = create_engine(
            url, isolation_level="AUTOCOMMIT", pool_size=AT_ONCE, max_overflow=10, connect_args=at_once
        )

    def _row(self, statement: str, **values: Any) -> Any:
        """What the memory answers; asked once more where the connection was of a server that is gone."""
        try:
            return self._ask(statement, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._ask(statement, values)

    def _ask(self, statement: str, values: dict[str, Any]) -> Any:
        with self._engine.connect() as connection:
            answer = connection.exec_driver_sql(statement, values)
            return answer.first() if answer.returns_rows else None

    def prepare(
        self, *, amount: int, currency: str, token: str, customer: str | None = None, key: str, description: str
    ) -> str:
        reference = f"test_{key}"
        charge = {"reference": reference, "token": token, "amount": amount, "currency": currency}
        if self._row(_PREPARE, **charge, customer=customer, known=list(CARDS)):
            return reference
        kept = self._row(_KEPT, reference=token)
        if kept is not None and (kept.forgotten or kept.customer != customer):
            raise CardDeclined("card_of_another_customer")
        if (kept.token if kept is not None else token) not in CARDS:
            raise CardDeclined("unknown_token")
        return reference  # it was prepared before

    def charge(self, reference: str, *, off_session: bool = False) -> None:
        charged = self._row(_CHARGE, reference=reference)
        token, state = charged or (None, *self._row(_STATE, reference=reference))
        if state == "declined":
            raise CardDeclined("card_declined")
        if state == "not_authenticated":
            raise CardDeclined("authentication_required")
        if state == "authenticating":
            raise NotAuthenticated
        _answer_late(token)

    def secret_of(self, reference: str) -> str:
        mark = hmac.digest(settings().secret.encode(), reference.encode(), "sha256").hex()[:24]
        return f"{reference}_secret_{mark}"

    def answer_bank(self, client_secret: str, *, approved: bool) -> str | None:
        """Be the cardholder at their bank; the charge that was answered for, or None when there is none to answer."""
        reference = client_secret.partition("_secret_")[0]
        if not hmac.compare_digest(self.secret_of(reference).encode(), client_secret.encode()):
            return None
        state = "taken" if approved else "not_authenticated"
        return reference if self._row(_ANSWER, reference=reference, state=state) else None

    def give_up(self, reference: str) -> None:
        self._row(_GIVE_UP, reference=reference)
        self.charge(reference)

    def give_back(self, reference: str, *, amount: int, key: str) -> None:
        self._row(_GIVE_BACK, key=key, reference=reference, amount=amount)

    def customer_of(self, contact_id: str) -> str:
        return f"test_{contact_id}"

    def set_up(self, customer: str) -> str:
        return f"{customer}_setup"

    def keep(self, token: str, *, customer: str, key: str) -> KeptCard:
        if token not in CARDS:
            raise CardDeclined("unknown_token")
        if token == "tok_declined":
            raise CardDeclined("card_declined")
        reference = f"card_{key}"
        first = self._row(_KEEP, reference=reference, token=token, customer=customer)
        _answer_late(first and first.token)
        return KeptCard(reference, *CARDS[token], EXPIRES)

    def look_at(self, token: str) -> KeptCard | None:
        kept = self._row(_KEPT, reference=token)
        return KeptCard(token, *CARDS[kept.token], EXPIRES) if kept is not None and not kept.forgotten else None

    def forget(self, token: str) -> None:
        self._row(_FORGET, reference=token)

    def read_notice(self, payload: str, signature: str) -> Notice:
        from services.billing.cards.webhooks import read_signed  # and with it Stripe's library, half a second

        return read_signed(payload, signature)


def _answer_late(token: str | None) -> None:
    """What was just done by these tokens is answered late, or never."""
    if token == "tok_slow":
        time.sleep(2)
    if token == "tok_lost":
        raise ProviderUnreachable("The answer was lost.")
