"""Why: a message that reached nobody is work for a person, and is done once somebody has looked at it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("message", sa.Column("seen_at", sa.DateTime(timezone=True)))
    op.add_column("message", sa.Column("seen_by", sa.Text))
    op.create_check_constraint("message_seen_by_someone", "message", "(seen_at IS NULL) = (seen_by IS NULL)")
    op.create_check_constraint("message_seen_once_given_up", "message", "seen_at IS NULL OR given_up_at IS NOT NULL")
    op.create_index("message_given_up", "message", ["given_up_at"], postgresql_where=sa.text("given_up_at IS NOT NULL AND seen_at IS NULL"))
    op.execute("GRANT UPDATE (seen_at, seen_by) ON message TO gise_app")
