"""Copies of bills that were printed or mailed. Why for ever: a customer may ask who handed the own bill out, and to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "bill_copy",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("bill", sa.Text, nullable=False),
        sa.Column("copy", sa.BigInteger, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("to", sa.Text, server_default="", nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.CheckConstraint("how IN ('printed', 'mailed', 'asked-by-mail', 'e-bill')", name="bill_copy_way_known"),
        sa.CheckConstraint("""(how = 'printed') = ("to" = '')""", name="bill_copy_mailed_to_somebody"),
        sa.CheckConstraint("copy >= 1", name="bill_copy_counted_from_one"),
        sa.CheckConstraint("agent ~ '^[0-9]{10}$'", name="bill_copy_agent_has_ten_digits"),
        sa.CheckConstraint("""language <> '' AND "by" <> ''""", name="bill_copy_by_someone_in_a_language"),
        sa.ForeignKeyConstraint(["biller"], ["biller.code"], name="bill_copy_biller_fkey"),
        sa.PrimaryKeyConstraint("id", name="bill_copy_pkey"),
        sa.UniqueConstraint("biller", "subscriber", "bill", "copy", name="bill_copy_biller_subscriber_bill_copy_key"),
    )
    op.execute("CREATE TRIGGER bill_copy_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON bill_copy EXECUTE FUNCTION refuse_change()")
    op.execute("ALTER TABLE bill_copy ENABLE ALWAYS TRIGGER bill_copy_is_for_ever")
    op.execute("GRANT SELECT, INSERT ON bill_copy TO gise_app")
