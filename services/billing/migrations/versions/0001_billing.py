"""Packages, orders, payments, and the books underneath."""

import sqlalchemy as sa
from alembic import op

from chassis import tables
from services.acquaintance import create_known_contacts

revision = "0001"
down_revision = None

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)
Amount = sa.BigInteger
Currency = sa.String(3)


def upgrade() -> None:
    tables.create(op)
    create_known_contacts(op)
    _packages()
    _orders()
    _payments()
    _ledger()
    _test_cards()


def _packages() -> None:
    op.create_table(
        "package_versions",
        sa.Column("package_id", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("visibility", sa.String(20), nullable=False),
        sa.Column("currency", Currency, nullable=False),
        sa.Column("price", Amount, nullable=False),
        sa.Column("sign_up_fee", Amount),
        sa.Column("cycle_unit", sa.String(10)),
        sa.Column("cycle_count", sa.Integer),
        sa.Column("included_sessions", sa.Integer),
        sa.Column("description", sa.Text),
        sa.Column("on_sale", sa.Boolean, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.String(80)),
        sa.CheckConstraint("price >= 0 AND coalesce(sign_up_fee, 0) >= 0", name="package_versions_amounts"),
    )
    op.create_table(
        "packages",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("on_sale", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"], ["package_versions.package_id", "package_versions.version"],
            deferrable=True, initially="DEFERRED",
        ),
    )  # fmt: skip
    _never_changes("package_versions", "UPDATE OR DELETE")


def _orders() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('order', 1000)")
    op.create_table(
        "assignments",
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("order_id", Id, nullable=False),
        sa.Column("package_id", Id, nullable=False),
        sa.Column("package_version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since", sa.Date),
        sa.Column("assigned_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id", "package_version"], ["package_versions.package_id", "package_versions.version"]
        ),
    )
    op.create_index("assignments_of_contact", "assignments", ["contact_id", "id"])
    op.create_index("assignments_of_order", "assignments", ["order_id"])
    op.create_table(
        "orders",
        sa.Column("id", Id, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("currency", Currency, nullable=False),
        *(sa.Column(name, Amount, nullable=False) for name in ("total", "paid", "refunded", "credited", "under_way")),
        sa.Column("placed_at", Moment, nullable=False),
        sa.Column("placed_by", sa.String(200), nullable=False),
        sa.Column("settled_at", Moment),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "total >= 0 AND refunded BETWEEN 0 AND paid AND credited BETWEEN 0 AND total"
            " AND under_way BETWEEN 0 AND total - credited - paid + refunded",
            name="orders_amounts",
        ),
    )
    op.create_index("orders_of_contact", "orders", ["contact_id", "id"])
    op.create_index("orders_by_state", "orders", ["state", "id"])
    op.create_table(
        "order_items",
        sa.Column("id", Id, primary_key=True),
        sa.Column("order_id", Id, sa.ForeignKey("orders.id"), nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("package_id", Id, nullable=False),
        sa.Column("package_version", sa.Integer, nullable=False),
        sa.Column("assignment_id", Id, sa.ForeignKey("assignments.id"), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("price", Amount, nullable=False),
        sa.Column("sign_up_fee", Amount, nullable=False),
        sa.Column("amount", Amount, nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id", "package_version"], ["package_versions.package_id", "package_versions.version"]
        ),
        sa.CheckConstraint("amount = price * quantity + sign_up_fee", name="order_items_amount"),
    )
    op.create_index("order_items_of_order", "order_items", ["order_id", "position"], unique=True)


def _payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", Id, primary_key=True),
        sa.Column("order_id", Id, sa.ForeignKey("orders.id"), nullable=False),
        sa.Column("order_number", sa.BigInteger, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        *(sa.Column(name, Amount, nullable=False) for name in ("amount", "refunded", "refunding")),
        sa.Column("currency", Currency, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("provider", sa.String(20)),
        sa.Column("provider_reference", sa.String(200)),
        sa.Column("ask_again_at", Moment),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("asked_key", sa.Text, unique=True),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("decided_by_id", sa.String(80)),
        sa.Column("decided_at", Moment),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "amount > 0 AND refunded >= 0 AND refunding >= 0 AND refunded + refunding <= amount",
            name="payments_amounts",
        ),
    )
    op.create_index("payments_of_contact", "payments", ["contact_id", "id"])
    op.create_index("payments_of_order", "payments", ["order_id", "id"])
    op.create_index("payments_by_state", "payments", ["state", "id"])
    charging = sa.text("state = 'charging'")
    op.create_index("payments_to_ask_for_again", "payments", ["ask_again_at"], postgresql_where=charging)
    op.create_table(
        "refunds",
        sa.Column("id", Id, primary_key=True),
        sa.Column("payment_id", Id, sa.ForeignKey("payments.id"), nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("amount", Amount, nullable=False),
        sa.Column("currency", Currency, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("ask_again_at", Moment),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("asked_key", sa.Text, unique=True),
        sa.CheckConstraint("amount > 0", name="refunds_amount"),
    )
    op.create_index("refunds_of_payment", "refunds", ["payment_id", "id"])
    asking = sa.text("state = 'asking'")
    op.create_index("refunds_to_ask_for_again", "refunds", ["ask_again_at"], postgresql_where=asking)


def _ledger() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("id", Id, primary_key=True),
        sa.Column("transaction_id", Id, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("amount", Amount, nullable=False),
        sa.Column("currency", Currency, nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("cause_id", Id, nullable=False),
        sa.Column("posted_at", Moment, nullable=False),
    )
    op.create_index("ledger_entries_of_transaction", "ledger_entries", ["transaction_id"])
    op.create_index(
        "ledger_entries_of_contact", "ledger_entries", ["contact_id", "account", "currency"],
        postgresql_include=["amount"],
    )  # fmt: skip
    op.create_index("ledger_entries_once", "ledger_entries", ["cause_id", "account"], unique=True)
    op.execute("""
        CREATE FUNCTION ledger_transaction_balances() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT sum(amount) <> 0 OR count(DISTINCT currency) > 1 FROM ledger_entries
                WHERE transaction_id = NEW.transaction_id) THEN
                RAISE EXCEPTION 'ledger transaction % does not balance', NEW.transaction_id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger_entries
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balances()""")
    # A merge may move entries to the surviving contact; nothing else of them ever changes.
    kept = "transaction_id, account, amount, currency, cause, cause_id, posted_at"
    _never_changes("ledger_entries", f"DELETE OR UPDATE OF {kept}")


def _test_cards() -> None:
    op.create_table(
        "test_card_charges",
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("amount", Amount, nullable=False),
        sa.Column("currency", Currency, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        comment="the memory of the in-house card provider for demos and tests",
    )
    op.create_table(
        "test_card_refunds",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("reference", sa.Text, sa.ForeignKey("test_card_charges.reference"), nullable=False),
        sa.Column("amount", Amount, nullable=False),
        comment="the memory of the in-house card provider for demos and tests",
    )


def _never_changes(table: str, what: str) -> None:
    op.execute(f"""
        CREATE FUNCTION {table}_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{table} are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$""")
    op.execute(f"CREATE TRIGGER {table}_stay BEFORE {what} ON {table} EXECUTE FUNCTION {table}_stay()")


def downgrade() -> None:
    raise NotImplementedError("The first migration has nothing to go back to.")
