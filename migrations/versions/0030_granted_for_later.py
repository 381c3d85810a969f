"""Why: what was granted for a later day can be taken back until it is applied; what is applied at once is never only granted."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

STANDS = "(denied_at IS NULL AND withdrawn_at IS NULL) OR granted_at IS NULL OR failed_at IS NOT NULL OR effective_on IS NOT NULL"


def upgrade() -> None:
    op.drop_constraint("change_granted_stands", "change")
    op.create_check_constraint("change_granted_stands", "change", sa.text(STANDS))
