"""
Bills asked for by SMS and mail, and e-bills. Why: an inquiry is kept before anything is done about it, so that it is answered and
charged once however often we die over it; mails that answer mails say so, lest two machines write to each other for ever.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
OUTCOMES = (
    "'answered', 'nothing-owed', 'no-bill', 'not-found', 'closed', 'unreachable', "
    "'unreadable', 'incomplete', 'ignored', 'too-many', 'bounce'"
)


def upgrade() -> None:
    op.add_column("biller", sa.Column("sms_code", sa.Text, server_default="", nullable=False))
    op.add_column("biller", sa.Column("sms_price", sa.Text, server_default="0", nullable=False))
    op.add_column("biller", sa.Column("paper_ended_on", sa.Date))
    op.create_check_constraint("biller_sms_code_shape", "biller", "sms_code ~ '^[0-9]{0,6}$'")
    op.create_check_constraint("biller_sms_price_shape", "biller", r"sms_price ~ '^(0|[0-9]{1,7}\.[0-9]{4})$'")
    op.create_check_constraint("biller_sms_price_of_a_code", "biller", "sms_code <> '' OR sms_price = '0'")
    op.create_index("biller_sms_code", "biller", ["sms_code"], unique=True, postgresql_where=sa.text("sms_code <> ''"))
    op.add_column("message", sa.Column("answers", sa.Text, server_default="", nullable=False))
    op.add_column("message", sa.Column("thread", sa.Text, server_default="", nullable=False))
    op.add_column("message", sa.Column("is_reply", sa.Boolean, server_default="false", nullable=False))
    op.create_table(
        "inquiry",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, server_default="", nullable=False),
        sa.Column("biller", sa.Text),
        sa.Column("subscriber", sa.Text),
        sa.Column("period", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("by_paper", sa.Boolean, server_default="false", nullable=False),
        sa.Column("too_long", sa.Boolean, server_default="false", nullable=False),
        sa.Column("subject", sa.Text, server_default="", nullable=False),
        sa.Column("answers", sa.Text, server_default="", nullable=False),
        sa.Column("thread", sa.Text, server_default="", nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("tries", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("next_try_at", MOMENT),
        sa.Column("outcome", sa.Text),
        sa.Column("ended_at", MOMENT),
        sa.Column("charge_tries", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("next_charge_at", MOMENT),
        sa.Column("charged_at", MOMENT),
        sa.Column("charged_to", sa.Text),
        sa.CheckConstraint("channel IN ('sms', 'mail')", name="inquiry_channel_known"),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name="inquiry_outcome_known"),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="inquiry_ended_somehow"),
        sa.CheckConstraint("(next_try_at IS NULL) = (outcome IS NOT NULL)", name="inquiry_tried_until_the_end"),
        sa.CheckConstraint("outcome IS NOT NULL OR (biller IS NOT NULL AND subscriber IS NOT NULL)", name="inquiry_about_someone"),
        sa.CheckConstraint("(charged_at IS NULL) = (charged_to IS NULL)", name="inquiry_charged_to_someone"),
        sa.CheckConstraint(
            "next_charge_at IS NULL OR (charged_at IS NULL AND outcome IS NOT NULL)", name="inquiry_charged_once_at_the_end"
        ),
        sa.ForeignKeyConstraint(["biller"], ["biller.code"], name="inquiry_biller_fkey"),
        sa.PrimaryKeyConstraint("id", name="inquiry_pkey"),
        sa.UniqueConstraint("channel", "source", name="inquiry_channel_source_key"),
    )
    op.create_index("inquiry_waiting", "inquiry", ["channel", "next_try_at"], postgresql_where=sa.text("next_try_at IS NOT NULL"))
    op.create_index("inquiry_to_charge", "inquiry", ["next_charge_at"], postgresql_where=sa.text("next_charge_at IS NOT NULL"))
    op.create_index("inquiry_position", "inquiry", ["channel", "position"])
    op.create_table(
        "e_bill",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("consent_at", MOMENT, nullable=False),
        sa.Column("consent_by", sa.Text, nullable=False),
        sa.Column("bills_from", sa.Date, nullable=False),
        sa.Column("seen", sa.ARRAY(sa.Text), server_default="{}", nullable=False),
        sa.Column("told_biller_at", MOMENT),
        sa.Column("tells", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("next_tell_at", MOMENT),
        sa.Column("off_at", MOMENT),
        sa.Column("off_by", sa.Text),
        sa.Column("bounced_at", MOMENT),
        sa.Column("last_bill_mailed", sa.Text, server_default="", nullable=False),
        sa.Column("next_look_at", MOMENT),
        sa.CheckConstraint("(off_at IS NULL) = (off_by IS NULL)", name="e_bill_switched_off_by_someone"),
        sa.CheckConstraint("(off_at IS NULL) = (next_look_at IS NOT NULL)", name="e_bill_looked_at_until_off"),
        sa.CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="e_bill_email_shape"),
        sa.ForeignKeyConstraint(["biller"], ["biller.code"], name="e_bill_biller_fkey"),
        sa.PrimaryKeyConstraint("id", name="e_bill_pkey"),
    )
    op.create_index("e_bill_live", "e_bill", ["biller", "subscriber"], unique=True, postgresql_where=sa.text("off_at IS NULL"))
    op.create_index("e_bill_of_email", "e_bill", ["email"])
    op.create_index("e_bill_to_look_at", "e_bill", ["next_look_at"], postgresql_where=sa.text("next_look_at IS NOT NULL"))
    op.create_index("e_bill_to_tell", "e_bill", ["next_tell_at"], postgresql_where=sa.text("next_tell_at IS NOT NULL"))
    op.execute("GRANT SELECT, INSERT, UPDATE ON inquiry, e_bill TO gise_app")
