"""Billers, tariffs and what was quoted. Why quotes are stored: a payment is checked against what the customer was shown."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "biller",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("door", sa.Text, nullable=False),
        sa.Column("url", sa.Text, server_default="", nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("subscriber_label", sa.Text, nullable=False),
        sa.Column("subscriber_pattern", sa.Text, nullable=False),
        sa.Column("subscriber_example", sa.Text, nullable=False),
        sa.Column("amount_rule", sa.Text, server_default="exact", nullable=False),
        sa.Column("smallest", sa.BigInteger, server_default="1", nullable=False),
        sa.Column("largest", sa.BigInteger, server_default="1000000000", nullable=False),
        sa.Column("step", sa.BigInteger, server_default="1", nullable=False),
        sa.Column("options", sa.ARRAY(sa.BigInteger), server_default="{}", nullable=False),
        sa.Column("bill_order", sa.Text, server_default="any", nullable=False),
        sa.Column("overdue", sa.Text, server_default="accept", nullable=False),
        sa.Column("opens_at", sa.Time()),
        sa.Column("closes_at", sa.Time()),
        sa.Column("desk", sa.Text, server_default="", nullable=False),
        sa.Column("ibans", sa.ARRAY(sa.Text), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "amount_rule IN ('exact', 'up', 'down', 'any', 'range', 'multiple', 'options')", name="biller_amount_rule_known"
        ),
        sa.CheckConstraint("bill_order IN ('any', 'oldest-first', 'all', 'single')", name="biller_bill_order_known"),
        sa.CheckConstraint("code ~ '^[a-z0-9-]{2,40}$'", name="biller_code_shape"),
        sa.CheckConstraint("door IN ('direct', 'bank')", name="biller_door_known"),
        sa.CheckConstraint("market IN ('TR', 'AZ', 'ES', 'HU')", name="biller_market_known"),
        sa.CheckConstraint("overdue IN ('accept', 'accept-with-fee', 'refuse')", name="biller_overdue_known"),
        sa.CheckConstraint("(opens_at IS NULL) = (closes_at IS NULL)", name="biller_hours_whole"),
        sa.CheckConstraint("smallest >= 1 AND largest >= smallest AND step >= 1", name="biller_amounts_sensible"),
        sa.PrimaryKeyConstraint("code", name="biller_pkey"),
    )
    op.create_table(
        "quoted_bill",
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("bill", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("smallest", sa.BigInteger, nullable=False),
        sa.Column("largest", sa.BigInteger, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("options", sa.ARRAY(sa.BigInteger), server_default="{}", nullable=False),
        sa.Column("must_confirm", sa.ARRAY(sa.Text), server_default="{}", nullable=False),
        sa.Column("refuse", sa.Text, server_default="", nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("quoted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("biller", "subscriber", "bill", name="quoted_bill_pkey"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "tariff",
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("agent_group", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("fee", JSONB, nullable=False),
        sa.Column("share", JSONB, nullable=False),
        sa.Column("tax", sa.BigInteger, nullable=False),
        sa.CheckConstraint("tax BETWEEN 0 AND 10000", name="tariff_tax_is_a_rate"),
        sa.ForeignKeyConstraint(["biller"], ["biller.code"], name="tariff_biller_fkey"),
        sa.PrimaryKeyConstraint("biller", "agent_group", "valid_from", name="tariff_pkey"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON biller, tariff, quoted_bill TO gise_app")
