"""Payouts and agents' files. Why: what a closing shop is owed leaves once, by a file of two persons, and is booked when it has left."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

MOMENT = sa.DateTime(timezone=True)
OPEN = "paid_at IS NULL AND withdrawn_at IS NULL"

# A payout says for ever whom, how much and from where; it ends once, and never in a file that was not asked.
STANDS = """
CREATE FUNCTION agent_payout_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.paid_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'payout %: it has ended', OLD.reference USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "agent_payout",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("iban", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("to_iban", sa.Text, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("return_batch", sa.BigInteger),
        sa.Column("left_by", sa.BigInteger),
        sa.Column("paid_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
        sa.CheckConstraint("reference ~ '^A[0-9]{6}-[0-9A-Z]{12}$'", name="agent_payout_reference_shape"),
        sa.CheckConstraint("amount > 0", name="agent_payout_of_something"),
        sa.CheckConstraint("(paid_at IS NULL) = (left_by IS NULL)", name="agent_payout_paid_by_a_booking"),
        sa.CheckConstraint("withdrawn_at IS NULL OR (paid_at IS NULL AND return_batch IS NULL)", name="agent_payout_withdrawn_in_time"),
        sa.ForeignKeyConstraint(["agent"], ["agent.number"], name="agent_payout_agent_fkey"),
        sa.ForeignKeyConstraint(["iban"], ["bank_account.iban"], name="agent_payout_iban_fkey"),
        sa.ForeignKeyConstraint(["return_batch"], ["return_batch.id"], name="agent_payout_return_batch_fkey"),
        sa.ForeignKeyConstraint(["left_by"], ["bank_booking.id"], name="agent_payout_left_by_fkey"),
        sa.PrimaryKeyConstraint("reference", name="agent_payout_pkey"),
        sa.UniqueConstraint("id", name="agent_payout_id_key"),
    )
    op.create_index("one_open_payout", "agent_payout", ["agent"], unique=True, postgresql_where=sa.text(OPEN))
    op.create_index("agent_payout_of_agent", "agent_payout", ["agent", "id"])
    op.create_index("agent_payout_in_batch", "agent_payout", ["return_batch"], postgresql_where=sa.text("return_batch IS NOT NULL"))
    op.create_index("agent_payout_left_by", "agent_payout", ["left_by"], postgresql_where=sa.text("left_by IS NOT NULL"))
    op.execute(STANDS)
    op.execute("CREATE TRIGGER agent_payout_stands BEFORE UPDATE ON agent_payout FOR EACH ROW EXECUTE FUNCTION agent_payout_stands()")
    op.execute("ALTER TABLE agent_payout ENABLE ALWAYS TRIGGER agent_payout_stands")
    op.execute("GRANT SELECT, INSERT, UPDATE (return_batch, left_by, paid_at, withdrawn_at) ON agent_payout TO gise_app")
    op.create_table(
        "agent_paper",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("which", sa.Text, nullable=False),
        sa.Column("scan", sa.Text, nullable=False),
        sa.Column("expires_on", sa.Date),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("filed_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["agent"], ["agent.number"], name="agent_paper_agent_fkey"),
        sa.ForeignKeyConstraint(["scan"], ["scan.name"], name="agent_paper_scan_fkey"),
        sa.PrimaryKeyConstraint("id", name="agent_paper_pkey"),
        sa.UniqueConstraint("scan", name="agent_paper_scan_key"),
    )
    op.create_index("agent_paper_of_agent", "agent_paper", ["agent", "which", "id"])
    op.execute("CREATE TRIGGER agent_paper_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON agent_paper EXECUTE FUNCTION refuse_change()")
    op.execute("ALTER TABLE agent_paper ENABLE ALWAYS TRIGGER agent_paper_is_for_ever")
    op.execute("GRANT SELECT, INSERT ON agent_paper TO gise_app")
    op.create_index(
        "posting_reversed_once",
        "change",
        [sa.text("(wanted ->> 'reverses')")],
        unique=True,
        postgresql_where=sa.text("kind = 'manual-posting-reversal' AND applied_at IS NOT NULL"),
    )
    # The contract and its like are kept for ten years after the shop has closed.
    op.execute("INSERT INTO scan_retention (kind, days) VALUES ('agent-file', 3653)")
