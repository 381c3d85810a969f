"""Scans and numbered papers. Why in the database: a sealed scan belongs to the transaction of its request, and goes with its backup."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)

# How long a kind of scan is kept after its matter is closed. Identity cards as short as disputes allow; signed forms
# are the proof that the customer asked, and payment institutions keep such proof for ten years.
RETENTION = [{"kind": "identity", "days": 30}, {"kind": "form", "days": 3650}]


def upgrade() -> None:
    retention = op.create_table(
        "scan_retention",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("days", sa.BigInteger, nullable=False),
        sa.CheckConstraint("days >= 0", name="retention_days_not_negative"),
        sa.PrimaryKeyConstraint("kind", name="scan_retention_pkey"),
    )
    op.create_table(
        "scan_certificate",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("scan", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("kept_by", sa.Text, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("days", sa.BigInteger, nullable=False),
        sa.Column("views", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("destroyed_at", MOMENT, nullable=False),
        sa.Column("destroyed_by", sa.Text, nullable=False),
        sa.CheckConstraint("destroyed_at >= closed_at + make_interval(days => CAST(days AS integer))", name="not_destroyed_too_early"),
        sa.PrimaryKeyConstraint("id", name="scan_certificate_pkey"),
        sa.UniqueConstraint("scan", name="scan_certificate_scan_key"),
    )
    op.create_table(
        "scan",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("pages", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("kept_by", sa.Text, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("certificate", sa.BigInteger),
        sa.CheckConstraint("name ~ '^[0-9a-f]{32}$'", name="scan_name_is_made_up"),
        sa.CheckConstraint("media_type IN ('image/jpeg', 'application/pdf')", name="scan_media_type_known"),
        sa.CheckConstraint("pages BETWEEN 1 AND 10 AND size > 0", name="scan_has_content"),
        sa.CheckConstraint(
            "(sealed IS NULL) = (wrapped_key IS NULL) AND (sealed IS NULL) = (certificate IS NOT NULL)", name="sealed_or_destroyed"
        ),
        sa.CheckConstraint("certificate IS NULL OR closed_at IS NOT NULL", name="destroyed_once_closed"),
        sa.ForeignKeyConstraint(["kind"], ["scan_retention.kind"], name="scan_kind_fkey"),
        sa.ForeignKeyConstraint(["certificate"], ["scan_certificate.id"], name="scan_certificate_fkey"),
        sa.PrimaryKeyConstraint("name", name="scan_pkey"),
    )
    op.create_index("scan_about_idx", "scan", ["about"])
    op.create_index("scan_to_destroy", "scan", ["closed_at"], postgresql_where=sa.text("closed_at IS NOT NULL AND certificate IS NULL"))
    op.create_index("scan_key", "scan", ["key_id"], postgresql_where=sa.text("certificate IS NULL"))
    op.execute("ALTER TABLE scan ALTER COLUMN sealed SET STORAGE EXTERNAL")  # sealed bytes cannot be compressed
    op.create_table(
        "scan_view",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("scan", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint("reason <> ''", name="viewed_with_a_reason"),
        sa.ForeignKeyConstraint(["scan"], ["scan.name"], name="scan_view_scan_fkey"),
        sa.PrimaryKeyConstraint("id", name="scan_view_pkey"),
    )
    op.create_index("scan_view_scan_idx", "scan_view", ["scan"])
    op.create_table(
        "paper_series",
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("series", name="paper_series_pkey"),
    )
    op.create_table(
        "paper",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.CheckConstraint("number ~ '^[A-Z]-[0-9]{4}-[0-9]{6,}$'", name="paper_number_shape"),
        sa.PrimaryKeyConstraint("number", name="paper_pkey"),
        sa.UniqueConstraint("kind", "about", name="paper_kind_about_key"),
    )
    op.create_table(
        "paper_copy",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("copy", sa.BigInteger, nullable=False),
        sa.Column("printed_at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["number"], ["paper.number"], name="paper_copy_number_fkey"),
        sa.PrimaryKeyConstraint("number", "copy", name="paper_copy_pkey"),
    )
    for table in ("scan_view", "scan_certificate", "paper", "paper_copy"):
        op.execute(f"CREATE TRIGGER {table}_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_for_ever")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gise_app")
    op.execute("GRANT SELECT ON scan_retention TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (sealed, wrapped_key, key_id, closed_at, certificate) ON scan TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (last) ON paper_series TO gise_app")
    op.bulk_insert(retention, RETENTION)
