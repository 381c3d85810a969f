"""Why: signed papers come by mail and over desks; each is kept until it has found its request, and a scan may change hands once."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

MOMENT = sa.DateTime(timezone=True)
DOUBTS = (
    "'stranger', 'no-reference', 'registered', 'several', 'which-paper', 'takes-none', 'cancellation', 'no-paper', 'too-large',"
    " 'unreadable'"
)

# Only what nobody has filed yet can be filed: a form or an identity card stays with the request it came for.
FILED_ONCE = """
CREATE FUNCTION scan_is_filed_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.kind <> 'intake' THEN
        RAISE EXCEPTION 'scan % belongs to % for ever', OLD.name, OLD.about USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "intake",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, server_default="", nullable=False),
        sa.Column("subject", sa.Text, server_default="", nullable=False),
        sa.Column("body", sa.Text, server_default="", nullable=False),
        sa.Column("answers", sa.Text, server_default="", nullable=False),
        sa.Column("thread", sa.Text, server_default="", nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("may_answer", sa.Boolean, server_default="false", nullable=False),
        sa.Column("brought_by", sa.Text, server_default="", nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("reference", sa.Text, server_default="", nullable=False),
        sa.Column("doubt", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.CheckConstraint("channel IN ('mail', 'counter')", name="intake_channel_known"),
        sa.CheckConstraint(f"doubt IN ({DOUBTS})", name="intake_doubt_known"),
        sa.CheckConstraint("outcome IN ('filed', 'draft', 'answered', 'not-ours', 'too-many')", name="intake_outcome_known"),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL) AND (outcome IS NULL) = (ended_by IS NULL)", name="intake_ended_by_someone"
        ),
        sa.CheckConstraint("outcome IS NOT NULL OR doubt IS NOT NULL", name="intake_waits_for_a_reason"),
        sa.CheckConstraint("(channel = 'counter') = (brought_by <> '')", name="intake_brought_by_someone"),
        sa.ForeignKeyConstraint(["agent"], ["agent.number"], name="intake_agent_fkey"),
        sa.PrimaryKeyConstraint("id", name="intake_pkey"),
        sa.UniqueConstraint("source", name="intake_source_key"),
    )
    op.create_index("intake_waiting", "intake", ["arrived_at"], postgresql_where=sa.text("outcome IS NULL"))
    op.create_index("intake_about", "intake", ["reference"], postgresql_where=sa.text("reference <> ''"))
    op.create_table(
        "intake_paper",
        sa.Column("intake", sa.BigInteger, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("scan", sa.Text),
        sa.Column("codes", sa.ARRAY(sa.Text), server_default="{}", nullable=False),
        sa.Column("problem", sa.Text, server_default="", nullable=False),
        sa.Column("filed_to", sa.Text, server_default="", nullable=False),
        sa.Column("filed_as", sa.Text, server_default="", nullable=False),
        sa.Column("filed_by", sa.Text),
        sa.CheckConstraint("(scan IS NULL) = (problem <> '')", name="intake_paper_is_a_scan_or_says_why_not"),
        sa.CheckConstraint(
            "(filed_to = '') = (filed_as = '') AND (filed_to = '') = (filed_by IS NULL)", name="intake_paper_filed_by_someone"
        ),
        sa.CheckConstraint("filed_to = '' OR scan IS NOT NULL", name="intake_paper_filed_is_a_scan"),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], name="intake_paper_intake_fkey"),
        sa.ForeignKeyConstraint(["scan"], ["scan.name"], name="intake_paper_scan_fkey"),
        sa.PrimaryKeyConstraint("intake", "place", name="intake_paper_pkey"),
        sa.UniqueConstraint("scan", name="intake_paper_scan_key"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON intake, intake_paper TO gise_app")
    op.execute("INSERT INTO scan_retention (kind, days) VALUES ('intake', 30)")
    op.execute("INSERT INTO data_retention (kind, days) VALUES ('intake-sender', 365)")
    op.execute(FILED_ONCE)
    op.execute("CREATE TRIGGER scan_is_filed_once BEFORE UPDATE OF kind, about ON scan FOR EACH ROW EXECUTE FUNCTION scan_is_filed_once()")
    op.execute("ALTER TABLE scan ENABLE ALWAYS TRIGGER scan_is_filed_once")
    op.execute("GRANT UPDATE (kind, about) ON scan TO gise_app")
