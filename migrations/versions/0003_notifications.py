"""The outbox of SMS and mail. Why in the database: a message belongs to the transaction that causes it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, server_default="", nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attachment_name", sa.Text, server_default="", nullable=False),
        sa.Column("attachment", sa.LargeBinary),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT),
        sa.Column("tries", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("given_up_at", MOMENT),
        sa.Column("last_error", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("channel IN ('sms', 'mail')", name="message_channel_known"),
        sa.CheckConstraint("(next_try_at IS NULL) = (sent_at IS NOT NULL OR given_up_at IS NOT NULL)", name="message_tried_until_the_end"),
        sa.CheckConstraint("NOT (sent_at IS NOT NULL AND given_up_at IS NOT NULL)", name="message_ends_once"),
        sa.PrimaryKeyConstraint("id", name="message_pkey"),
        sa.UniqueConstraint("key", name="message_key_key"),
    )
    op.create_index("message_waiting", "message", ["next_try_at"], postgresql_where=sa.text("next_try_at IS NOT NULL"))
    op.execute("GRANT SELECT, INSERT, UPDATE ON message TO gise_app")
