"""The book. Why first: everything else moves money through it.

Postings are written by the function ledger_post alone, which runs with its owner's rights:
the product's role can neither insert, update nor delete a posting by itself, and a trigger
refuses update, delete and truncate to everyone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ADDRESS = (
    "^(agent:[0-9]{10}|commission:[0-9]{10}|biller:[a-z0-9-]{2,40}|bank:[A-Z0-9]{8,34}|transit|suspense|income:fees|tax:bsmv|cost:bank)$"
)

ALLOWED = """
    agent.paid-out agent bank, agent.paid-out commission agent, agent.paid-out commission bank,
    bank.charged bank cost, bank.own-transfer bank bank,
    biller.commission-paid biller income, biller.refunded bank biller, biller.refunded biller bank,
    deposit.assigned suspense agent, deposit.credited bank agent, deposit.returned suspense bank, deposit.suspended bank suspense,
    deposit.taken-back agent bank, deposit.taken-back suspense bank, deposit.unassigned agent suspense,
    payment.cancellation-not-made agent biller,
    payment.cancelled biller transit, payment.cancelled commission income, payment.cancelled income transit,
    payment.cancelled tax income, payment.cancelled transit agent,
    payment.late-yes agent biller,
    payment.paid income commission, payment.paid income tax, payment.paid transit biller, payment.paid transit income,
    payment.refused transit agent, payment.reserved agent transit,
    posting.manual agent suspense, posting.manual suspense agent, settlement.paid biller bank
"""

LEDGER_POST = """
CREATE FUNCTION ledger_post(
    p_events text[], p_abouts text[], p_lines smallint[], p_sources text[], p_targets text[],
    p_amounts bigint[], p_currencies text[], p_at timestamptz, p_by text, p_may_overdraw boolean
) RETURNS bigint  -- what the last touched account with a limit holds now
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    v_source_after bigint;
    v_target_after bigint;
    v_after bigint;
    v_account public.limited_account;
BEGIN
    -- One order for everybody: two transactions can wait for each other, never in a circle.
    IF cardinality(p_events) > 1 THEN
        PERFORM FROM limited_account WHERE address = ANY (p_sources || p_targets) ORDER BY address FOR UPDATE;
    END IF;
    FOR i IN 1 .. cardinality(p_events) LOOP
        v_source_after := NULL;
        v_target_after := NULL;
        IF starts_with(p_sources[i], 'agent:') THEN
            UPDATE limited_account SET balance = balance - p_amounts[i]
            WHERE address = p_sources[i] AND currency = p_currencies[i]
              AND (p_may_overdraw OR (NOT blocked AND balance + credit_limit >= p_amounts[i]))
            RETURNING balance INTO v_source_after;
            IF NOT FOUND THEN
                SELECT * INTO v_account FROM limited_account WHERE address = p_sources[i] AND currency = p_currencies[i];
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'there is no account % in %', p_sources[i], p_currencies[i] USING ERRCODE = 'foreign_key_violation';
                ELSIF v_account.blocked THEN
                    RAISE EXCEPTION 'account % is blocked', p_sources[i] USING ERRCODE = 'GL002';
                END IF;
                RAISE EXCEPTION 'account % would fall below its limit', p_sources[i] USING ERRCODE = 'GL001',
                    DETAIL = concat_ws(' ', p_amounts[i], v_account.balance + v_account.credit_limit, v_account.currency);
            END IF;
            v_after := v_source_after;
        END IF;
        IF starts_with(p_targets[i], 'agent:') THEN
            UPDATE limited_account SET balance = balance + p_amounts[i]
            WHERE address = p_targets[i] AND currency = p_currencies[i]
            RETURNING balance INTO v_target_after;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'there is no account % in %', p_targets[i], p_currencies[i] USING ERRCODE = 'foreign_key_violation';
            END IF;
            v_after := v_target_after;
        END IF;
        INSERT INTO posting (event, about, line, source, target, amount, currency, at, by, source_balance, target_balance)
        VALUES (p_events[i], p_abouts[i], p_lines[i], p_sources[i], p_targets[i], p_amounts[i], p_currencies[i], p_at, p_by,
                v_source_after, v_target_after);
    END LOOP;
    RETURN v_after;
END
$$
"""

FOR_EVER = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: post a reversal instead', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$
"""

APP_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gise_app') THEN
        CREATE ROLE gise_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was quicker
END
$$
"""


def upgrade() -> None:
    op.execute(APP_ROLE)
    op.create_table(
        "limited_account",
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("balance", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("credit_limit", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("blocked", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.CheckConstraint("address ~ '^agent:[0-9]{10}$'", name="limited_account_is_an_agent"),
        sa.CheckConstraint("credit_limit >= 0", name="credit_limit_not_negative"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("line", sa.SmallInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("source_balance", sa.BigInteger),
        sa.Column("target_balance", sa.BigInteger),
        sa.PrimaryKeyConstraint("about", "event", "line", name="posting_pkey"),
        sa.UniqueConstraint("id", name="posting_id_key"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("source <> target", name="two_sides"),
        sa.CheckConstraint(f"source ~ '{ADDRESS}' AND target ~ '{ADDRESS}'", name="known_addresses"),
        sa.CheckConstraint(
            "(event || ' ' || split_part(source, ':', 1) || ' ' || split_part(target, ':', 1)) = ANY (ARRAY["
            + ", ".join(f"'{' '.join(word.split())}'" for word in ALLOWED.split(","))
            + "])",
            name="allowed_by_the_chart",
        ),
        sa.CheckConstraint(
            "(source LIKE 'agent:%') = (source_balance IS NOT NULL) AND (target LIKE 'agent:%') = (target_balance IS NOT NULL)",
            name="running_balance_where_limited",
        ),
    )
    op.create_index("posting_source_statement", "posting", ["source", "id"], postgresql_where=sa.text("source_balance IS NOT NULL"))
    op.create_index("posting_target_statement", "posting", ["target", "id"], postgresql_where=sa.text("target_balance IS NOT NULL"))
    op.create_index("posting_at", "posting", ["at"], postgresql_using="brin")
    op.execute(LEDGER_POST)
    op.execute(FOR_EVER)
    op.execute("CREATE TRIGGER posting_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON posting EXECUTE FUNCTION refuse_change()")
    op.execute("ALTER TABLE posting ENABLE ALWAYS TRIGGER posting_is_for_ever")
    op.execute("REVOKE ALL ON FUNCTION ledger_post FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION ledger_post TO gise_app")
    op.execute("GRANT SELECT ON alembic_version TO gise_app")  # whether the schema is up to date
    op.execute("GRANT SELECT ON posting, limited_account TO gise_app")
    op.execute("GRANT INSERT (address, currency), UPDATE (credit_limit, blocked) ON limited_account TO gise_app")
