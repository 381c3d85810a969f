"""Why: another hour for today moves money today, so two persons decide about it; and what a day once was said to be stays readable."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_constraint("bank_day_pkey", "bank_day")
    op.create_primary_key("bank_day_pkey", "bank_day", ["market", "on", "set_at"])
    op.execute("REVOKE UPDATE ON bank_day FROM gise_app")
    op.execute("CREATE TRIGGER bank_day_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_day EXECUTE FUNCTION refuse_change()")
    op.execute("ALTER TABLE bank_day ENABLE ALWAYS TRIGGER bank_day_is_for_ever")
    op.create_table(
        "hours_proposal",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("day_class", sa.Text, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("asked_until", sa.Time()),
        sa.Column("reported_until", sa.Time()),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.Column("agreed", sa.Boolean),
        sa.CheckConstraint("kind IN ('hours', 'day')", name="hours_proposal_kind_known"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (agreed IS NULL)",
            name="hours_proposal_decided_by_someone",
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name="hours_proposal_decided_by_another"),
        sa.PrimaryKeyConstraint("id", name="hours_proposal_pkey"),
    )
    op.create_index("hours_proposal_open", "hours_proposal", ["id"], postgresql_where=sa.text("decided_at IS NULL"))
    op.execute("GRANT SELECT, INSERT, UPDATE (decided_at, decided_by, agreed) ON hours_proposal TO gise_app")
