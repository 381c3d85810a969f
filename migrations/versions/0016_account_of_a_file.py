"""Why: an Excel or CSV export may not name its account; whoever brings it chooses one, and the file is read with it for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("statement_file", sa.Column("account", sa.Text, nullable=False, server_default=""))
    op.drop_constraint("statement_file_sha256_key", "statement_file")
    op.create_unique_constraint("statement_file_sha256_account_key", "statement_file", ["sha256", "account"])
