"""Why: every deposit is written twice, as it is seen and as it is judged, and each time into every index.

The index by state keeps only the rarer ones: what waits has indexes of its own, and nearly all others are credited, so that
the next fifty of them are found in their order. Nobody looks by its amount for what is only seen. The owner of a phone is
looked for among persons who were removed, too: for them there was no index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

RARE = sa.text("state IN ('returned', 'taken-back', 'not-top-up', 'noted')")
JUDGED = sa.text("state <> 'seen'")


def upgrade() -> None:
    op.drop_index("deposit_by_state", "deposit")
    op.create_index("deposit_by_state", "deposit", ["state", "id"], postgresql_where=RARE)
    op.drop_index("deposit_amount", "deposit")
    op.create_index("deposit_amount", "deposit", ["iban", "amount", "day"], postgresql_where=JUDGED)
    op.create_index("person_phone_ever", "person", ["phone"])
