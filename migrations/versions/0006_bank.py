"""Bank accounts, statements, bookings and deposits.

Why bookings are records of their own: a booking comes in several files and formats and is credited once; its key
(account, fingerprint, occurrence) makes a double impossible. Files, sightings and decisions are for ever.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)
FOR_EVER = ("statement_file", "bank_sighting", "deposit_decision")


def upgrade() -> None:
    op.create_table(
        "bank_account",
        sa.Column("iban", sa.Text, nullable=False),
        sa.Column("bank", sa.Text, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("aliases", sa.ARRAY(sa.Text), server_default="{}", nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint("iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$'", name="bank_account_iban_shape"),
        sa.CheckConstraint("market IN ('TR', 'AZ', 'ES', 'HU')", name="bank_account_market_known"),
        sa.PrimaryKeyConstraint("iban", name="bank_account_pkey"),
    )
    op.create_table(
        "statement_file",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("came_at", MOMENT, nullable=False),
        sa.Column("came_by", sa.Text, nullable=False),
        sa.Column("unreadable", JSONB),
        sa.CheckConstraint("way IN ('feed', 'inbox', 'upload')", name="statement_file_way_known"),
        sa.PrimaryKeyConstraint("id", name="statement_file_pkey"),
        sa.UniqueConstraint("sha256", name="statement_file_sha256_key"),
    )
    op.create_table(
        "bank_feed",
        sa.Column("iban", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("news_at", MOMENT),
        sa.Column("days_at", MOMENT),
        sa.Column("error", sa.Text, server_default="", nullable=False),
        sa.Column("alarmed_at", MOMENT),
        sa.ForeignKeyConstraint(["iban"], ["bank_account.iban"], name="bank_feed_iban_fkey"),
        sa.PrimaryKeyConstraint("iban", name="bank_feed_pkey"),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("file_id", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("iban", sa.Text),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger),
        sa.Column("page", sa.BigInteger),
        sa.Column("first_day", sa.Date),
        sa.Column("last_day", sa.Date),
        sa.Column("opening", sa.BigInteger),
        sa.Column("closing", sa.BigInteger),
        sa.Column("balanced", sa.Boolean, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", JSONB),
        sa.Column("notes", JSONB, nullable=False),
        sa.Column("bookings", sa.BigInteger, nullable=False),
        sa.Column("credits", sa.BigInteger, nullable=False),
        sa.Column("credits_sum", sa.BigInteger, nullable=False),
        sa.Column("debits", sa.BigInteger, nullable=False),
        sa.Column("debits_sum", sa.BigInteger, nullable=False),
        sa.Column("new", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("known", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("came_at", MOMENT, nullable=False),
        sa.Column("released_at", MOMENT),
        sa.Column("released_by", sa.Text),
        sa.CheckConstraint("state <> 'quarantined' OR (new = 0 AND known = 0)", name="nothing_counts_in_quarantine"),
        sa.CheckConstraint("state <> 'quarantined' OR reason IS NOT NULL", name="quarantined_with_a_reason"),
        sa.CheckConstraint("state IN ('imported', 'known', 'quarantined')", name="bank_statement_state_known"),
        sa.CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released_by_someone"),
        sa.CheckConstraint("NOT balanced OR (opening IS NOT NULL AND closing IS NOT NULL)", name="balanced_with_balances"),
        sa.ForeignKeyConstraint(["file_id"], ["statement_file.id"], name="bank_statement_file_id_fkey"),
        sa.ForeignKeyConstraint(["iban"], ["bank_account.iban"], name="bank_statement_iban_fkey"),
        sa.PrimaryKeyConstraint("id", name="bank_statement_pkey"),
        sa.UniqueConstraint("file_id", "position", name="bank_statement_file_id_position_key"),
    )
    op.create_index("bank_statement_in_quarantine", "bank_statement", ["id"], postgresql_where=sa.text("state = 'quarantined'"))
    op.create_index("bank_statement_content", "bank_statement", ["content"])
    op.create_index("bank_statement_of_account", "bank_statement", ["account", "last_day"])
    op.create_table(
        "bank_booking",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("occurrence", sa.BigInteger, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("day_is_sure", sa.Boolean, nullable=False),
        sa.Column("value_date", sa.Date, nullable=False),
        sa.Column("booked_at", MOMENT),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reversal", sa.Boolean, nullable=False),
        sa.Column("reversal_state", sa.Text, server_default="none", nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("reference_key", sa.Text, nullable=False),
        sa.Column("hints", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("text_key", sa.Text, nullable=False),
        sa.Column("party_name", sa.Text, nullable=False),
        sa.Column("party_iban", sa.Text, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("statement_id", sa.BigInteger, nullable=False),
        sa.CheckConstraint("reversal_state IN ('none', 'open', 'done', 'aside')", name="bank_booking_reversal_state_known"),
        sa.CheckConstraint("side IN ('credit', 'debit')", name="bank_booking_side_known"),
        sa.CheckConstraint("status IN ('booked', 'pending', 'information')", name="bank_booking_status_known"),
        sa.CheckConstraint("amount >= 0", name="bank_booking_amount_not_negative"),
        sa.CheckConstraint("occurrence >= 1", name="bank_booking_occurrence_counted"),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statement.id"], name="bank_booking_statement_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="bank_booking_pkey"),
        sa.UniqueConstraint("account", "fingerprint", "occurrence", name="bank_booking_account_fingerprint_occurrence_key"),
    )
    op.create_index("bank_booking_of_day", "bank_booking", ["account", "day", "amount"])
    op.create_index("bank_booking_open_reversal", "bank_booking", ["id"], postgresql_where=sa.text("reversal_state = 'open'"))
    op.create_index(
        "bank_booking_reference",
        "bank_booking",
        ["account", sa.literal_column("left(reference_key, 16)")],
        postgresql_where=sa.text("reference_key <> ''"),
    )
    op.create_table(
        "bank_sighting",
        sa.Column("statement_id", sa.BigInteger, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("booking_id", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bank_booking.id"], name="bank_sighting_booking_id_fkey"),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statement.id"], name="bank_sighting_statement_id_fkey"),
        sa.PrimaryKeyConstraint("statement_id", "line", name="bank_sighting_pkey"),
    )
    op.create_index("bank_sighting_of_booking", "bank_sighting", ["booking_id"])
    op.create_table(
        "deposit",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("booking_id", sa.BigInteger, nullable=False),
        sa.Column("line", sa.SmallInteger, nullable=False),
        sa.Column("iban", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("value_date", sa.Date, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sender_name", sa.Text, nullable=False),
        sa.Column("sender_iban", sa.Text, nullable=False),
        sa.Column("bank_reference", sa.Text, nullable=False),
        sa.Column("state", sa.Text, server_default="seen", nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("biller", sa.Text),
        sa.Column("own_iban", sa.Text),
        sa.Column("suggested", sa.Text),
        sa.Column("trace", JSONB, server_default="[]", nullable=False),
        sa.Column("doubt", JSONB),
        sa.Column("booked_at", MOMENT),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("matched_at", MOMENT),
        sa.Column("credited_at", MOMENT),
        sa.Column("turns", sa.SmallInteger, server_default="0", nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.Column("taken_back_by", sa.BigInteger),
        sa.CheckConstraint("(state IN ('returned', 'taken-back')) = (ended_at IS NOT NULL)", name="deposit_ends_once"),
        sa.CheckConstraint("amount > 0 OR state IN ('seen', 'noted')", name="nothing_is_only_noted"),
        sa.CheckConstraint(
            "state <> 'credited' OR (agent IS NOT NULL AND credited_at IS NOT NULL AND turns >= 1)", name="credited_to_somebody"
        ),
        sa.CheckConstraint("state <> 'taken-back' OR taken_back_by IS NOT NULL", name="taken_back_by_a_booking"),
        sa.CheckConstraint(
            "state IN ('seen', 'coming', 'credited', 'suspense', 'returned', 'taken-back', 'not-top-up', 'noted')",
            name="deposit_state_known",
        ),
        sa.CheckConstraint("state NOT IN ('seen', 'suspense', 'noted', 'not-top-up') OR agent IS NULL", name="unmatched_is_nobodys"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="deposit_ended_by_someone"),
        sa.CheckConstraint("amount >= 0", name="deposit_amount_not_negative"),
        sa.ForeignKeyConstraint(["booking_id"], ["bank_booking.id"], name="deposit_booking_id_fkey"),
        sa.ForeignKeyConstraint(["iban"], ["bank_account.iban"], name="deposit_iban_fkey"),
        sa.ForeignKeyConstraint(["taken_back_by"], ["bank_booking.id"], name="deposit_taken_back_by_fkey"),
        sa.PrimaryKeyConstraint("reference", name="deposit_pkey"),
        sa.UniqueConstraint("booking_id", "line", name="deposit_booking_id_line_key"),
        sa.UniqueConstraint("id", name="deposit_id_key"),
        sa.UniqueConstraint("taken_back_by", name="deposit_taken_back_by_key"),
    )
    op.create_index("deposit_amount", "deposit", ["iban", "amount", "day"])
    op.create_index("deposit_of_agent", "deposit", ["agent", "id"])
    op.create_index("deposit_sender", "deposit", ["sender_iban"], postgresql_where=sa.text("state = 'credited' AND sender_iban <> ''"))
    op.create_index("deposit_undecided", "deposit", ["id"], postgresql_where=sa.text("state = 'suspense'"))
    op.create_index("deposit_waiting", "deposit", ["id"], postgresql_where=sa.text("state IN ('seen', 'coming')"))
    op.create_table(
        "deposit_decision",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("deposit", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.CheckConstraint("(agent IS NOT NULL) = (kind IN ('assigned', 'unassigned'))", name="assigned_to_an_agent"),
        sa.CheckConstraint("kind IN ('assigned', 'unassigned', 'returned', 'taken-back')", name="deposit_decision_kind_known"),
        sa.CheckConstraint("note <> ''", name="decided_with_a_note"),
        sa.ForeignKeyConstraint(["deposit"], ["deposit.reference"], name="deposit_decision_deposit_fkey"),
        sa.PrimaryKeyConstraint("id", name="deposit_decision_pkey"),
    )
    op.create_index("deposit_decision_of_deposit", "deposit_decision", ["deposit", "id"])
    for table in FOR_EVER:
        op.execute(f"CREATE TRIGGER {table}_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_for_ever")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON bank_feed TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (bank, label, aliases, closed_at) ON bank_account TO gise_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (account, iban, state, notes, new, known, released_at, released_by) ON bank_statement TO gise_app"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE (status, reversal_state) ON bank_booking TO gise_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, agent, person_id, biller, own_iban, suggested, trace, matched_at, credited_at, turns,"
        " ended_at, ended_by, taken_back_by) ON deposit TO gise_app"
    )
