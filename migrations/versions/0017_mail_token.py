"""Why: whoever writes a report of a mail that came back must have seen that mail, so its Message-ID has a part nobody guesses."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("message", sa.Column("token", sa.Uuid, nullable=False, server_default=sa.func.gen_random_uuid()))
