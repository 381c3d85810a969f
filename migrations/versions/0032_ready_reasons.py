"""Why: the sentences offered where a reason is asked are the institution's own matter and change; what was chosen stays as text."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"

MOMENT = sa.DateTime(timezone=True)
BUILT_IN = {
    "cancellation-ask": (
        "Wrong subscriber or wrong bill",
        "Wrong amount",
        "Paid twice",
        "Paid elsewhere already",
        "The customer does not want to pay this bill now",
    ),
    "cancellation-deny": (
        "The form is not signed",
        "The form is about another payment",
        "The identity card belongs to somebody else",
        "The scans cannot be read",
    ),
    "change-deny": (
        "The form is not signed by an owner",
        "The signature is not the owner's",
        "The papers say something else than the request",
        "The scans cannot be read",
        "The shop could not be reached to confirm it",
    ),
    "suspend": (
        "The owner asked for it",
        "Payments that look like misuse",
        "The shop's papers are out of date",
    ),
    "deposit-assign": (
        "The shop sent the bank's receipt",
        "The owner confirmed it, called on the registered phone",
        "The sender is known from earlier deposits of this shop",
    ),
    "deposit-return": (
        "The sender asked for the money back",
        "Nobody could say for which shop it is",
        "The shop takes no money any more",
    ),
    "deposit-dismiss": (
        "The bank named it so",
        "The biller confirmed its refund",
    ),
    "deposit-refuse": (
        "Nothing proves it",
        "It belongs to another shop",
    ),
    "statement-release": (
        "The bank confirmed its lines in writing",
        "The bank's statement on paper shows the same lines",
    ),
    "case": (
        "The biller confirmed it in writing",
        "It stands in the biller's daily file",
        "It is missing in two daily files of the biller",
    ),
}
FROM_THE_BEGINNING = {"first_day": date(2000, 1, 1), "added_at": datetime(2000, 1, 1, tzinfo=UTC), "added_by": "migration:0032"}


def upgrade() -> None:
    reasons = op.create_table(
        "ready_reason",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("sentence", sa.Text, server_default="", nullable=False),
        sa.Column("words", JSONB, server_default="{}", nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.CheckConstraint(f"purpose IN ({', '.join(map(repr, BUILT_IN))})", name="ready_reason_purpose_known"),
        sa.CheckConstraint("(sentence = '') = (words <> '{}'::jsonb)", name="ready_reason_ours_or_their_own"),
        sa.CheckConstraint("last_day >= first_day", name="ready_reason_ends_after_it_begins"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ready_reason_ended_by_someone"),
        sa.PrimaryKeyConstraint("id", name="ready_reason_pkey"),
    )
    # What was offered stays known; an offer is only ever ended.
    op.execute("GRANT SELECT, INSERT, UPDATE (ended_at, ended_by) ON ready_reason TO gise_app")
    op.bulk_insert(
        reasons,
        [
            {"purpose": purpose, "position": position * 10, "sentence": sentence} | FROM_THE_BEGINNING
            for purpose, sentences in BUILT_IN.items()
            for position, sentence in enumerate(sentences, start=1)
        ],
    )
