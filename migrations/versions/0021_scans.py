"""Why: people may ask what we hold about them and have it erased, and what nobody needs any longer is forgotten by itself (C27)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"

MOMENT = sa.DateTime(timezone=True)

# Days after the end of what the data were for. Disputes about a payment come within a year; a question by SMS or mail within weeks.
RETENTION = [
    {"kind": "customer-phone", "days": 365},
    {"kind": "inquiry-sender", "days": 90},
    {"kind": "bill-copy-address", "days": 365},
    {"kind": "message-text", "days": 180},
    {"kind": "e-bill-address", "days": 365},
    {"kind": "former-phone", "days": 365},
    {"kind": "former-person", "days": 3650},
    {"kind": "session-address", "days": 90},
]

# The row stays for ever; only the address of a copy may be replaced, and only by a pseudonym.
ONLY_ERASED = r"""
CREATE FUNCTION bill_copy_address_is_only_erased() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW."to" !~ '^erased-[0-9]+@erased[.]invalid$' OR OLD.how = 'printed' THEN
        RAISE EXCEPTION 'bill_copy is append-only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    retention = op.create_table(
        "data_retention",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("days", sa.BigInteger, nullable=False),
        sa.CheckConstraint("days >= 0", name="data_retention_days_not_negative"),
        sa.PrimaryKeyConstraint("kind", name="data_retention_pkey"),
    )
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("identity_check", sa.Text, nullable=False),
        sa.Column("identifiers", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("matters", sa.ARRAY(sa.Text), server_default="{}", nullable=False),
        sa.Column("forms_too", sa.Boolean, server_default="false", nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.Column("granted", sa.Boolean),
        sa.Column("decision_reason", sa.Text, server_default="", nullable=False),
        sa.Column("done", JSONB, server_default="{}", nullable=False),
        sa.CheckConstraint("kind IN ('copy', 'erasure')", name="privacy_request_kind_known"),
        sa.CheckConstraint("asked_by <> '' AND identity_check <> ''", name="privacy_request_identity_checked"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL)",
            name="privacy_request_decided_by_someone",
        ),
        sa.CheckConstraint("decided_by <> recorded_by", name="privacy_request_decided_by_another"),
        sa.CheckConstraint("granted IS NOT FALSE OR decision_reason <> ''", name="privacy_request_denied_with_a_reason"),
        sa.CheckConstraint(
            "NOT (kind = 'erasure' AND granted IS TRUE AND cardinality(identifiers) > 0)", name="privacy_request_forgets_too"
        ),
        sa.PrimaryKeyConstraint("id", name="privacy_request_pkey"),
    )
    op.execute("GRANT SELECT ON data_retention TO gise_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (identifiers, decided_at, decided_by, granted, decision_reason, done) ON privacy_request TO gise_app"
    )
    op.bulk_insert(retention, RETENTION)
    op.create_index(
        "payment_phone_to_forget",
        "payment",
        ["asked_at"],
        postgresql_where=sa.text("customer_phone <> '' AND customer_phone !~~ '+999%'"),
    )
    op.execute(ONLY_ERASED)
    op.execute("DROP TRIGGER bill_copy_is_for_ever ON bill_copy")
    op.execute(
        "CREATE TRIGGER bill_copy_is_for_ever BEFORE DELETE OR TRUNCATE OR"
        ' UPDATE OF id, biller, subscriber, bill, copy, how, language, agent, at, "by" ON bill_copy EXECUTE FUNCTION refuse_change()'
    )
    op.execute(
        'CREATE TRIGGER bill_copy_address_is_only_erased BEFORE UPDATE OF "to" ON bill_copy'
        " FOR EACH ROW EXECUTE FUNCTION bill_copy_address_is_only_erased()"
    )
    for trigger in ("bill_copy_is_for_ever", "bill_copy_address_is_only_erased"):
        op.execute(f"ALTER TABLE bill_copy ENABLE ALWAYS TRIGGER {trigger}")
    op.execute('GRANT UPDATE ("to") ON bill_copy TO gise_app')
