"""Shops, the people who sign in, the trail of what they did, counters and jobs. Why together: none of them makes sense alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("search_name", sa.Text, nullable=False),
        sa.Column("legal_name", sa.Text, server_default="", nullable=False),
        sa.Column("tax_number", sa.Text, server_default="", nullable=False),
        sa.Column("address", sa.Text, server_default="", nullable=False),
        sa.Column("phone", sa.Text, server_default="", nullable=False),
        sa.Column("email", sa.Text, server_default="", nullable=False),
        sa.Column("iban", sa.Text, server_default="", nullable=False),
        sa.Column("group_name", sa.Text, server_default="standard", nullable=False),
        sa.Column("state", sa.Text, server_default="active", nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.CheckConstraint("market IN ('TR', 'AZ', 'ES', 'HU')", name="agent_market_known"),
        sa.CheckConstraint("number ~ '^[0-9]{10}$'", name="agent_number_has_ten_digits"),
        sa.CheckConstraint("state IN ('active', 'suspended', 'closing', 'closed')", name="agent_state_known"),
        sa.PrimaryKeyConstraint("number", name="agent_pkey"),
    )
    op.create_index("agent_code", "agent", [sa.literal_column('right("number", 4)')])
    op.create_table(
        "audit_line",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_line_pkey"),
    )
    op.create_index("audit_line_about_idx", "audit_line", ["about"])
    op.create_table(
        "job_run",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="job_run_pkey"),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("window_ends_at", MOMENT, nullable=False),
        sa.Column("hits", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="throttle_pkey"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("email", sa.Text, server_default="", nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("removed_at", MOMENT),
        sa.Column("removed_by", sa.Text),
        sa.CheckConstraint("(agent IS NOT NULL) = (role IN ('cashier', 'owner'))", name="agent_role_has_an_agent"),
        sa.CheckConstraint("phone ~ '^[+][0-9]{8,15}$'", name="person_phone_e164"),
        sa.CheckConstraint(
            "role IN ('cashier', 'owner', 'support', 'operator', 'approver', 'accountant', 'auditor')", name="person_role_known"
        ),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_by_someone"),
        sa.ForeignKeyConstraint(["agent"], ["agent.number"], name="person_agent_fkey"),
        sa.PrimaryKeyConstraint("id", name="person_pkey"),
    )
    op.create_index("person_agent_idx", "person", ["agent"])
    op.create_index("person_phone_in_use", "person", ["phone"], unique=True, postgresql_where=sa.text("removed_at IS NULL"))
    op.create_table(
        "former_phone",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="former_phone_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="former_phone_pkey"),
    )
    op.create_index("former_phone_phone_idx", "former_phone", ["phone"])
    op.create_table(
        "session",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("kind IN ('browser', 'api')", name="session_kind_known"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="session_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="session_pkey"),
        sa.UniqueConstraint("token_hash", name="session_token_hash_key"),
    )
    op.create_index("session_person_live", "session", ["person_id"], postgresql_where=sa.text("ended_at IS NULL"))
    op.execute("CREATE TRIGGER audit_line_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_line EXECUTE FUNCTION refuse_change()")
    op.execute("ALTER TABLE audit_line ENABLE ALWAYS TRIGGER audit_line_is_for_ever")
    op.execute("GRANT SELECT, INSERT ON audit_line TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON agent, person, former_phone, session, job_run TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO gise_app")
