"""Cancellations. Why so many checks: a second thought moves money back, and only what is complete, in time and decided by another may."""

from datetime import UTC, date, datetime, time

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)

STATE = (
    "CASE WHEN withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN granted IS FALSE THEN 'denied' WHEN outcome IS NOT NULL THEN outcome"
    " WHEN reported_at IS NOT NULL THEN 'reported' WHEN granted THEN 'granted' ELSE 'asked' END"
)

# What was once said stands: not even the product itself can decide a second time.
STANDS = """
CREATE FUNCTION cancellation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.decided_at IS NOT NULL AND (NEW.decided_at, NEW.decided_by, NEW.granted, NEW.decision_reason)
            IS DISTINCT FROM (OLD.decided_at, OLD.decided_by, OLD.granted, OLD.decision_reason)
       OR OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at, NEW.withdrawn_by) IS DISTINCT FROM (OLD.withdrawn_at, OLD.withdrawn_by)
       OR OLD.answered_at IS NOT NULL AND (NEW.answered_at, NEW.outcome, NEW.word) IS DISTINCT FROM (OLD.answered_at, OLD.outcome, OLD.word)
       OR OLD.reported_at IS NOT NULL AND NEW.reported_at IS DISTINCT FROM OLD.reported_at
    THEN
        RAISE EXCEPTION 'cancellation %: what was decided, withdrawn, reported or answered stands', OLD.id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$
"""

# C-01: in every market every kind of day ends alike, until an institution says otherwise.
MARKETS = ("TR", "AZ", "ES", "HU")
DAY_CLASSES = ("workday", "saturday", "sunday", "half-day", "holiday")
ASKED_UNTIL, REPORTED_UNTIL = time(17), time(18)
FROM_THE_BEGINNING = {"valid_from": date(2000, 1, 1), "set_at": datetime(2000, 1, 1, tzinfo=UTC), "set_by": "migration:0008"}


def upgrade() -> None:
    op.create_table(
        "bank_day",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("day_class", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.CheckConstraint("day_class IN ('workday', 'saturday', 'sunday', 'half-day', 'holiday')", name="bank_day_class_known"),
        sa.CheckConstraint("market IN ('TR', 'AZ', 'ES', 'HU')", name="bank_day_market_known"),
        sa.PrimaryKeyConstraint("market", "on", name="bank_day_pkey"),
    )
    cut_off = op.create_table(
        "cut_off",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("day_class", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("asked_until", sa.Time()),
        sa.Column("reported_until", sa.Time()),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.CheckConstraint("day_class IN ('workday', 'saturday', 'sunday', 'half-day', 'holiday')", name="cut_off_day_class_known"),
        sa.CheckConstraint("market IN ('TR', 'AZ', 'ES', 'HU')", name="cut_off_market_known"),
        sa.CheckConstraint("(asked_until IS NULL) = (reported_until IS NULL)", name="cut_off_both_or_none"),
        sa.CheckConstraint("asked_until < reported_until", name="asked_before_reported"),
        sa.PrimaryKeyConstraint("market", "biller", "day_class", "valid_from", "set_at", name="cut_off_pkey"),
    )
    op.create_table(
        "late_attempt",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("payment", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("cut_off_at", MOMENT, nullable=False),
        sa.CheckConstraint("at >= cut_off_at", name="late_after_the_cut_off"),
        sa.ForeignKeyConstraint(["payment"], ["payment.reference"], name="late_attempt_payment_fkey"),
        sa.PrimaryKeyConstraint("id", name="late_attempt_pkey"),
    )
    op.create_index("late_attempt_payment_idx", "late_attempt", ["payment"])
    op.create_table(
        "cancellation",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("payment", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("cut_off_at", MOMENT, nullable=False),
        sa.Column("report_until", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.Column("granted", sa.Boolean),
        sa.Column("decision_reason", sa.Text, server_default="", nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("next_report_at", MOMENT),
        sa.Column("reported_at", MOMENT),
        sa.Column("times_reported", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("outcome", sa.Text),
        sa.Column("word", sa.Text, server_default="", nullable=False),
        sa.Column("state", sa.Text, sa.Computed(STATE, persisted=True), nullable=False),
        sa.CheckConstraint("granted IS NOT FALSE OR decision_reason <> ''", name="denied_with_a_reason"),
        sa.CheckConstraint("outcome IN ('done', 'refused')", name="cancellation_outcome_known"),
        sa.CheckConstraint("reason <> ''", name="asked_with_a_reason"),
        sa.CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="answered_with_an_outcome"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL)", name="decided_by_someone"
        ),
        sa.CheckConstraint("(next_report_at IS NOT NULL) = (granted IS TRUE AND outcome IS NULL)", name="reported_until_the_end"),
        sa.CheckConstraint("(reported_at IS NULL) = (times_reported = 0)", name="reported_at_least_once"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_someone"),
        sa.CheckConstraint("answered_at IS NULL OR reported_at IS NOT NULL", name="answered_once_reported"),
        sa.CheckConstraint("asked_at < cut_off_at", name="asked_before_the_cut_off"),
        sa.CheckConstraint("decided_by <> asked_by", name="decided_by_another"),
        sa.CheckConstraint("form <> identity", name="form_and_identity"),
        sa.CheckConstraint("reported_at IS NULL OR granted IS TRUE", name="reported_once_granted"),
        sa.CheckConstraint("withdrawn_at IS NULL OR decided_at IS NULL", name="withdrawn_or_decided"),
        sa.ForeignKeyConstraint(["form"], ["scan.name"], name="cancellation_form_fkey"),
        sa.ForeignKeyConstraint(["identity"], ["scan.name"], name="cancellation_identity_fkey"),
        sa.ForeignKeyConstraint(["payment"], ["payment.reference"], name="cancellation_payment_fkey"),
        sa.PrimaryKeyConstraint("id", name="cancellation_pkey"),
    )
    op.create_index("cancellation_of_agent", "cancellation", ["agent", "id"])
    op.create_index(
        "cancellation_open",
        "cancellation",
        ["state", "id"],
        postgresql_where=sa.text("state = ANY (ARRAY['asked', 'granted', 'reported'])"),
    )
    op.create_index("cancellation_payment_idx", "cancellation", ["payment"])
    op.create_index(
        "cancellation_to_report", "cancellation", ["biller", "next_report_at"], postgresql_where=sa.text("next_report_at IS NOT NULL")
    )
    op.create_index(
        "one_live_cancellation",
        "cancellation",
        ["payment"],
        unique=True,
        postgresql_where=sa.text("state = ANY (ARRAY['asked', 'granted', 'reported', 'done'])"),
    )
    op.create_table(
        "cancellation_case",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("cancellation", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("note", sa.Text, server_default="", nullable=False),
        sa.Column("proposed_at", MOMENT),
        sa.Column("proposed_by", sa.Text),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.CheckConstraint(
            "(kind = 'late-yes' AND coalesce(outcome, 'noted') IN ('refund', 'noted'))"
            " OR (kind = 'late-no' AND coalesce(outcome, 'noted') IN ('charge-agent', 'noted'))",
            name="cancellation_case_outcome_fits",
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="cancellation_case_decided_by_someone"),
        sa.CheckConstraint(
            "(proposed_at IS NULL) = (proposed_by IS NULL) AND (proposed_at IS NULL) = (outcome IS NULL)",
            name="cancellation_case_proposed_by_someone",
        ),
        sa.CheckConstraint("decided_at IS NULL OR proposed_at IS NOT NULL", name="cancellation_case_decided_once_proposed"),
        sa.CheckConstraint("decided_by <> proposed_by", name="cancellation_case_decided_by_another"),
        sa.ForeignKeyConstraint(["cancellation"], ["cancellation.id"], name="cancellation_case_cancellation_fkey"),
        sa.PrimaryKeyConstraint("id", name="cancellation_case_pkey"),
        sa.UniqueConstraint("cancellation", "kind", name="cancellation_case_cancellation_kind_key"),
    )
    op.create_table(
        "cancellation_report",
        sa.Column("cancellation", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("sent", JSONB, nullable=False),
        sa.Column("in_time", sa.Boolean, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("verdict", sa.Text),
        sa.Column("word", sa.Text, server_default="", nullable=False),
        sa.Column("biller_reference", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("verdict IN ('yes', 'no', 'unknown')", name="report_verdict_known"),
        sa.CheckConstraint("(answered_at IS NULL) = (verdict IS NULL)", name="report_answered_with_a_verdict"),
        sa.ForeignKeyConstraint(["cancellation"], ["cancellation.id"], name="cancellation_report_cancellation_fkey"),
        sa.PrimaryKeyConstraint("cancellation", "attempt", name="cancellation_report_pkey"),
    )
    op.execute(STANDS)
    op.execute("CREATE TRIGGER cancellation_stands BEFORE UPDATE ON cancellation FOR EACH ROW EXECUTE FUNCTION cancellation_stands()")
    op.execute("ALTER TABLE cancellation ENABLE ALWAYS TRIGGER cancellation_stands")
    for table in ("late_attempt", "cut_off"):
        op.execute(f"CREATE TRIGGER {table}_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_for_ever")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gise_app")
    # Who asked, when, why and until when one could: never to be changed.
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (decided_at, decided_by, granted, decision_reason, withdrawn_at, withdrawn_by, next_report_at,"
        " reported_at, times_reported, answered_at, outcome, word) ON cancellation TO gise_app"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE (answered_at, verdict, word, biller_reference) ON cancellation_report TO gise_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (outcome, note, proposed_at, proposed_by, decided_at, decided_by) ON cancellation_case TO gise_app"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON bank_day TO gise_app")
    op.bulk_insert(
        cut_off,
        [
            {"market": market, "biller": "", "day_class": kind, "asked_until": ASKED_UNTIL, "reported_until": REPORTED_UNTIL}
            | FROM_THE_BEGINNING
            for market in MARKETS
            for kind in DAY_CLASSES
        ],
    )
