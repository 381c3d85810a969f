"""Why: what the institution tells its shops is told once, dated, and it is known who has read it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0024"
down_revision = "0023"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.CheckConstraint("market IN ('', 'TR', 'AZ', 'ES', 'HU')", name="announcement_market_known"),
        sa.CheckConstraint("cardinality(roles) > 0", name="announcement_for_somebody"),
        sa.CheckConstraint("last_day >= first_day", name="announcement_ends_after_it_begins"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="announcement_ended_by_someone"),
        sa.PrimaryKeyConstraint("id", name="announcement_pkey"),
    )
    op.create_table(
        "announcement_text",
        sa.Column("announcement", sa.BigInteger, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.CheckConstraint("title <> '' AND body <> ''", name="announcement_says_something"),
        sa.ForeignKeyConstraint(["announcement"], ["announcement.id"], name="announcement_text_announcement_fkey"),
        sa.PrimaryKeyConstraint("announcement", "language", name="announcement_text_pkey"),
    )
    op.create_table(
        "announcement_file",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("announcement", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("media_type IN ('application/pdf', 'image/jpeg')", name="announcement_file_media_type_known"),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 5242880", name="announcement_file_not_too_large"),
        sa.ForeignKeyConstraint(["announcement"], ["announcement.id"], name="announcement_file_announcement_fkey"),
        sa.PrimaryKeyConstraint("id", name="announcement_file_pkey"),
    )
    op.create_index("announcement_file_announcement_idx", "announcement_file", ["announcement"])
    op.create_table(
        "announcement_reading",
        sa.Column("announcement", sa.BigInteger, nullable=False),
        sa.Column("person", sa.BigInteger, nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["announcement"], ["announcement.id"], name="announcement_reading_announcement_fkey"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="announcement_reading_person_fkey"),
        sa.PrimaryKeyConstraint("announcement", "person", name="announcement_reading_pkey"),
    )
    op.create_index("announcement_reading_of_person", "announcement_reading", ["person"])
    # What was published stands, and that somebody read it.
    op.execute("GRANT SELECT, INSERT, UPDATE (ended_at, ended_by) ON announcement TO gise_app")
    op.execute("GRANT SELECT, INSERT ON announcement_text, announcement_file, announcement_reading TO gise_app")
