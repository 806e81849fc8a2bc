"""Invoices, and one for every order that had something to pay; their sales stand in the books already."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID, MOMENT, AMOUNT = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True), sa.BigInteger


def upgrade() -> None:
    _orders()
    _invoices()
    _lines()
    op.execute("INSERT INTO counters (name, value) VALUES ('invoice', 0)")
    _for_those_placed_before()


def _orders() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN written_off bigint NOT NULL DEFAULT 0, ADD COLUMN invoice_id uuid")
    op.execute("ALTER TABLE orders DROP CONSTRAINT orders_amounts")
    op.execute("""
        ALTER TABLE orders ADD CONSTRAINT orders_amounts CHECK (
            total >= 0 AND refunded BETWEEN 0 AND paid AND credited BETWEEN 0 AND total AND written_off >= 0
            AND under_way BETWEEN 0 AND total - credited - written_off - paid + refunded) NOT VALID""")
    op.execute("ALTER TABLE orders VALIDATE CONSTRAINT orders_amounts")


def _invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", ID, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("cause_id", ID, nullable=False, unique=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        *(sa.Column(name, AMOUNT, nullable=False) for name in ("net", "tax", "total", "paid", "refunded", "credited")),
        sa.Column("written_off", AMOUNT, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("reason", sa.String(500)),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "net >= 0 AND tax >= 0 AND total = net + tax AND refunded BETWEEN 0 AND paid AND written_off >= 0"
            " AND credited BETWEEN 0 AND total AND total - credited - written_off - paid + refunded >= 0",
            name="invoices_amounts",
        ),
        sa.CheckConstraint(
            "state = 'open' OR total - credited - written_off - paid + refunded = 0", name="invoices_closed"
        ),
    )
    op.create_index("invoices_of_contact", "invoices", ["contact_id", "number"])
    op.create_index("invoices_by_state", "invoices", ["state", "number"])
    op.create_index("invoices_by_total", "invoices", ["total", "id"])
    op.create_index("invoices_by_day", "invoices", ["issued_at"])


def _lines() -> None:
    op.create_table(
        "invoice_lines",
        sa.Column("id", ID, primary_key=True),
        sa.Column("invoice_id", ID, sa.ForeignKey("invoices.id"), nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("source_id", ID),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("unit_price", AMOUNT, nullable=False),
        sa.Column("fee", AMOUNT, nullable=False),
        sa.Column("tax_rate_id", ID),
        sa.Column("tax_name", sa.String(60)),
        sa.Column("tax_basis_points", sa.Integer),
        sa.Column("tax_inclusive", sa.Boolean),
        *(sa.Column(name, AMOUNT, nullable=False) for name in ("net", "tax", "credited")),
        sa.CheckConstraint("credited BETWEEN 0 AND net + tax", name="invoice_lines_credited"),
    )
    op.create_index("invoice_lines_of_invoice", "invoice_lines", ["invoice_id", "position"], unique=True)
    op.create_index("ix_invoice_lines_contact_id", "invoice_lines", ["contact_id"])


def _for_those_placed_before() -> None:
    """A refund of before has no credit note: what it took back stands on the lines from the first one on."""
    op.execute("""
        INSERT INTO invoices (id, number, contact_id, cause, cause_id, state, currency, net, tax, total, paid, refunded,
            credited, written_off, issued_at, issued_by, closed_at, version)
        SELECT gen_random_uuid(), row_number() OVER (ORDER BY number), contact_id, 'order', id,
            CASE state WHEN 'open' THEN 'open' WHEN 'cancelled' THEN 'void' ELSE 'paid' END, currency, total, 0, total,
            paid, refunded, credited, 0, placed_at, placed_by,
            CASE WHEN state <> 'open' THEN coalesce(settled_at, placed_at) END, 1
        FROM orders WHERE total > 0""")
    op.execute("""
        INSERT INTO invoice_lines (id, invoice_id, contact_id, position, source_id, name, quantity, unit_price, fee,
            net, tax, credited)
        SELECT gen_random_uuid(), invoices.id, item.contact_id, item.position, item.id, item.name, item.quantity,
            item.price, item.sign_up_fee, item.amount, 0,
            CASE WHEN invoices.state = 'void' THEN 0
                ELSE least(item.amount, greatest(0, invoices.credited - item.before)) END
        FROM (SELECT order_items.*, coalesce(sum(amount) OVER (PARTITION BY order_id ORDER BY position
                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before FROM order_items) AS item
            JOIN invoices ON invoices.cause_id = item.order_id""")
    op.execute("UPDATE orders SET invoice_id = invoices.id FROM invoices WHERE invoices.cause_id = orders.id")
    op.execute("UPDATE counters SET value = (SELECT count(*) FROM invoices) WHERE name = 'invoice'")
