"""Files of reports. Why in the database: the worker makes them, the web hands them out, and both may be on any host."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("filters", JSONB, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text, server_default="queued", nullable=False),
        sa.Column("done", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("tries", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("runner", sa.Text),
        sa.Column("beat_at", MOMENT),
        sa.Column("error", sa.Text, server_default="", nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("facts", JSONB),
        sa.Column("seal", sa.Text),
        sa.Column("row_checks", sa.LargeBinary),
        sa.Column("expires_at", MOMENT),
        sa.Column("destroyed_at", MOMENT),
        sa.CheckConstraint("id ~ '^X[0-9A-Z]{20}$'", name="export_id_shape"),
        sa.CheckConstraint("format IN ('xlsx', 'csv')", name="export_format_known"),
        sa.CheckConstraint("state IN ('queued', 'running', 'ready', 'failed')", name="export_state_known"),
        sa.CheckConstraint("(state = 'running') = (runner IS NOT NULL) AND (runner IS NULL) = (beat_at IS NULL)", name="run_by_someone"),
        sa.CheckConstraint("(state IN ('ready', 'failed')) = (ended_at IS NOT NULL)", name="ended_when_over"),
        sa.CheckConstraint(
            "(state = 'ready') = (seal IS NOT NULL) AND (seal IS NULL) = (facts IS NULL) AND (seal IS NULL) = (row_checks IS NULL)",
            name="ready_is_sealed",
        ),
        sa.CheckConstraint("(state = 'failed') = (error <> '')", name="failed_with_a_reason"),
        sa.CheckConstraint("done >= 0 AND done <= total", name="not_more_than_all"),
        sa.CheckConstraint("expires_at IS NULL OR state = 'ready'", name="only_files_expire"),
        sa.CheckConstraint("destroyed_at IS NULL OR expires_at IS NOT NULL", name="only_kept_files_are_destroyed"),
        sa.ForeignKeyConstraint(["agent"], ["agent.number"], name="export_agent_fkey"),
        sa.PrimaryKeyConstraint("id", name="export_pkey"),
    )
    op.create_index("export_unfinished", "export", ["asked_at"], postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.create_index("export_of_asker", "export", ["asked_by", "asked_at"])
    op.create_index(
        "export_to_destroy", "export", ["expires_at"], postgresql_where=sa.text("expires_at IS NOT NULL AND destroyed_at IS NULL")
    )
    op.create_table(
        "export_chunk",
        sa.Column("export", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("piece", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["export"], ["export.id"], name="export_chunk_export_fkey"),
        sa.PrimaryKeyConstraint("export", "number", name="export_chunk_pkey"),
    )
    op.execute("ALTER TABLE export_chunk ALTER COLUMN piece SET STORAGE EXTERNAL")  # a workbook is deflated already
    op.execute("GRANT SELECT, INSERT, UPDATE ON export TO gise_app")
    op.execute("GRANT SELECT, INSERT, DELETE ON export_chunk TO gise_app")
