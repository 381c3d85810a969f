"""Why: a payout that leaves the bank without its number is found by two persons, and one that is sent back is known by name.

The note of whoever released a statement stood in the audit trail alone; it belongs to the statement's own record.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

MOMENT = sa.DateTime(timezone=True)

# What has happened stays as it was written down.
NOTES = """
UPDATE bank_statement s SET release_note = coalesce(
    (SELECT a.facts->>'note' FROM audit_line a
     WHERE a.event = 'statement.released' AND a.about = 'statement:' || s.id ORDER BY a.id DESC LIMIT 1), '')
WHERE s.released_at IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "payout_debit",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("payout", sa.Text, nullable=False),
        sa.Column("booking", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.Column("granted", sa.Boolean),
        sa.Column("answer", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("note <> ''", name="payout_debit_with_a_note"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL)",
            name="payout_debit_decided_by_someone",
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name="payout_debit_decided_by_another"),
        sa.CheckConstraint("granted IS NOT FALSE OR answer <> ''", name="payout_debit_refused_with_a_reason"),
        sa.ForeignKeyConstraint(["payout"], ["agent_payout.reference"], name="payout_debit_payout_fkey"),
        sa.ForeignKeyConstraint(["booking"], ["bank_booking.id"], name="payout_debit_booking_fkey"),
        sa.PrimaryKeyConstraint("id", name="payout_debit_pkey"),
    )
    op.create_index("one_open_payout_debit", "payout_debit", ["payout"], unique=True, postgresql_where=sa.text("decided_at IS NULL"))
    op.execute("GRANT SELECT, INSERT, UPDATE (decided_at, decided_by, granted, answer) ON payout_debit TO gise_app")
    op.create_table(
        "payout_sent_back",
        sa.Column("payout", sa.Text, nullable=False),
        sa.Column("deposit", sa.Text, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["payout"], ["agent_payout.reference"], name="payout_sent_back_payout_fkey"),
        sa.ForeignKeyConstraint(["deposit"], ["deposit.reference"], name="payout_sent_back_deposit_fkey"),
        sa.PrimaryKeyConstraint("payout", name="payout_sent_back_pkey"),
        sa.UniqueConstraint("deposit", name="payout_sent_back_deposit_key"),
    )
    op.execute("GRANT SELECT, INSERT ON payout_sent_back TO gise_app")
    op.add_column("bank_statement", sa.Column("release_note", sa.Text, server_default="", nullable=False))
    op.execute("GRANT UPDATE (release_note) ON bank_statement TO gise_app")
    op.execute(NOTES)
