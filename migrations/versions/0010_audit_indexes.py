"""Why: the audit trail's page asks for what one person did and for one day; without these it reads the trail backwards to its beginning."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index("audit_line_by", "audit_line", ["by", "id"])
    op.create_index("audit_line_at", "audit_line", ["at"])
