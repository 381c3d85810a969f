"""Bills that did not add up when they were shown. Why: the carrier has to be told, also when the shop that saw it is closed again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "wrong_bill",
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("bill", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("difference", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("findings", sa.BigInteger, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("seen_by", sa.Text, nullable=False),
        sa.Column("righted_at", MOMENT),
        sa.CheckConstraint("last_seen_at >= first_seen_at AND righted_at >= last_seen_at", name="wrong_bill_in_order_of_time"),
        sa.CheckConstraint("findings >= 1", name="wrong_bill_has_a_finding"),
        sa.ForeignKeyConstraint(["biller"], ["biller.code"], name="wrong_bill_biller_fkey"),
        sa.PrimaryKeyConstraint("biller", "subscriber", "bill", name="wrong_bill_pkey"),
    )
    op.create_index("wrong_bill_still_wrong", "wrong_bill", ["last_seen_at"], postgresql_where=sa.text("righted_at IS NULL"))
    op.execute("GRANT SELECT, INSERT, UPDATE ON wrong_bill TO gise_app")
