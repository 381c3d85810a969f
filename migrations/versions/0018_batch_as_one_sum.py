"""Why: some banks book a whole return file as one debit, whatever it asks for; then one booking takes several deposits back."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.drop_constraint("deposit_taken_back_by_key", "deposit", type_="unique")
    op.create_index("deposit_taken_back_once", "deposit", ["taken_back_by"], unique=True, postgresql_where=sa.text("return_batch IS NULL"))
    op.create_index("deposit_taken_back_by", "deposit", ["taken_back_by"], postgresql_where=sa.text("taken_back_by IS NOT NULL"))
