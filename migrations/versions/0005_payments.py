"""Payments. Why functions: hold and settle are the hot verbs, one round trip each (speed.md)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)

RESERVE = """
CREATE FUNCTION reserve_payment(
    p_reference text, p_agent text, p_person bigint, p_key text, p_body_hash bytea,
    p_biller text, p_subscriber text, p_bill text, p_version text,
    p_amount bigint, p_fee bigint, p_share bigint, p_tax bigint, p_currency text,
    p_confirmed text[], p_customer_phone text, p_receipt_code text,
    p_at timestamptz, p_fresh_since timestamptz, p_next_ask_at timestamptz,
    OUT verdict text, OUT reference text, OUT balance bigint, OUT fact text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_address CONSTANT text := 'agent:' || p_agent;
    v_account limited_account;
    v_quote quoted_bill;
BEGIN
    -- Everybody who moves this agent's money queues here first: one lock order, no circles.
    SELECT * INTO v_account FROM limited_account a WHERE a.address = v_address FOR UPDATE;

    SELECT p.reference, p.balance_after INTO reference, balance FROM payment p WHERE p.agent = p_agent AND p.key = p_key;
    IF FOUND THEN
        verdict := CASE WHEN reference = p_reference THEN 'new' ELSE 'known' END;  -- ours: the statement was repeated after its commit
        RETURN;
    END IF;

    SELECT * INTO v_quote FROM quoted_bill q WHERE q.biller = p_biller AND q.subscriber = p_subscriber AND q.bill = p_bill;
    IF NOT FOUND OR v_quote.quoted_at < p_fresh_since OR v_quote.version <> p_version OR v_quote.currency <> p_currency THEN
        verdict := 'quote-changed';
    ELSIF v_quote.refuse <> '' THEN
        verdict := v_quote.refuse;
    ELSIF p_amount NOT BETWEEN v_quote.smallest AND v_quote.largest OR p_amount % v_quote.step <> 0
          OR (cardinality(v_quote.options) > 0 AND p_amount <> ALL (v_quote.options)) THEN
        verdict := 'amount-not-allowed';
        fact := concat_ws(' ', v_quote.smallest, v_quote.largest, v_quote.step);
    ELSIF NOT v_quote.must_confirm <@ p_confirmed THEN
        verdict := 'must-confirm';
        fact := array_to_string(v_quote.must_confirm, ' ');
    ELSIF v_account.blocked THEN
        verdict := 'blocked';
    ELSIF v_account.balance + v_account.credit_limit < p_amount + p_fee THEN
        verdict := 'over-limit';
        balance := v_account.balance + v_account.credit_limit;
    END IF;
    IF verdict IS NOT NULL THEN
        RETURN;
    END IF;

    INSERT INTO open_question (biller, subscriber, reference, asked_since, next_ask_at)
    VALUES (p_biller, p_subscriber, p_reference, p_at, p_next_ask_at)
    ON CONFLICT (biller, subscriber) DO NOTHING;
    IF NOT FOUND THEN
        verdict := 'in-flight';
        SELECT q.reference INTO reference FROM open_question q WHERE q.biller = p_biller AND q.subscriber = p_subscriber;
        RETURN;
    END IF;

    INSERT INTO payment (reference, agent, person_id, key, body_hash, biller, subscriber, bill, version, amount, fee, share, tax, currency,
                         confirmed, customer_phone, facts, receipt_code, asked_at, balance_after)
    VALUES (p_reference, p_agent, p_person, p_key, p_body_hash, p_biller, p_subscriber, p_bill, p_version,
            p_amount, p_fee, p_share, p_tax, p_currency,
            p_confirmed, p_customer_phone, v_quote.facts, p_receipt_code, p_at, v_account.balance - p_amount - p_fee)
    ON CONFLICT (biller, subscriber, bill, version) WHERE NOT released DO NOTHING;
    IF NOT FOUND THEN
        DELETE FROM open_question q WHERE q.biller = p_biller AND q.subscriber = p_subscriber AND q.reference = p_reference;
        verdict := 'already-paid';
        SELECT p.reference INTO reference FROM payment p
        WHERE p.biller = p_biller AND p.subscriber = p_subscriber AND p.bill = p_bill AND p.version = p_version AND NOT p.released;
        RETURN;
    END IF;

    balance := ledger_post(ARRAY['payment.reserved'], ARRAY[p_reference], ARRAY[1::smallint], ARRAY[v_address], ARRAY['transit'],
                           ARRAY[p_amount + p_fee], ARRAY[p_currency], p_at, 'person:' || p_person, false);
    verdict := 'new';
    reference := p_reference;
END
$$
"""

SETTLE = """
CREATE FUNCTION settle_payment(
    p_reference text, p_agent text, p_state text, p_biller_reference text, p_code text,
    p_at timestamptz, p_by text, p_sources text[], p_targets text[], p_amounts bigint[], p_currency text,
    p_sms_to text, p_sms_text text,
    OUT changed boolean, OUT state text, OUT balance bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_moves CONSTANT integer := cardinality(p_sources);
BEGIN
    IF p_state = 'refused' THEN  -- the agent's account first, as everywhere
        PERFORM FROM limited_account a WHERE a.address = 'agent:' || p_agent FOR UPDATE;
    END IF;
    UPDATE payment p SET state = p_state, released = (p_state = 'refused'), settled_at = p_at, settled_by = p_by,
        answered_at = coalesce(p.answered_at, p_at), biller_reference = p_biller_reference, code = p_code
    WHERE p.reference = p_reference AND p.state = 'pending'
    RETURNING p.state, p.balance_after INTO state, balance;
    changed := FOUND;
    IF NOT changed THEN
        SELECT p.state, p.balance_after INTO state, balance FROM payment p WHERE p.reference = p_reference;
        RETURN;
    END IF;
    DELETE FROM open_question q USING payment p
    WHERE p.reference = p_reference AND q.biller = p.biller AND q.subscriber = p.subscriber AND q.reference = p_reference;
    balance := coalesce(ledger_post(
        array_fill('payment.' || p_state, ARRAY[v_moves]), array_fill(p_reference, ARRAY[v_moves]),
        (SELECT array_agg(n::smallint) FROM generate_series(1, v_moves) n), p_sources, p_targets, p_amounts,
        array_fill(p_currency, ARRAY[v_moves]), p_at, p_by, false), balance);
    IF p_state = 'refused' THEN
        -- Was the cashier told to wait? Then the customer's cash may still be in the till (P-13).
        INSERT INTO cash_to_return (payment, agent, since)
        SELECT p.reference, p.agent, p_at FROM payment p WHERE p.reference = p_reference AND p.was_unknown
        ON CONFLICT (payment) DO NOTHING;
        UPDATE payment p SET balance_after = settle_payment.balance WHERE p.reference = p_reference;
    END IF;
    IF p_sms_to <> '' THEN
        INSERT INTO message (key, channel, recipient, body, created_at, next_try_at)
        VALUES ('payment.outcome:' || p_reference, 'sms', p_sms_to, p_sms_text, p_at, p_at)
        ON CONFLICT (key) DO NOTHING;
    END IF;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "open_question",
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("asked_since", MOMENT, nullable=False),
        sa.Column("next_ask_at", MOMENT, nullable=False),
        sa.Column("times_asked", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("reversing", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("last_word", sa.Text, server_default="", nullable=False),
        sa.Column("alarmed_at", MOMENT),
        sa.PrimaryKeyConstraint("biller", "subscriber", name="open_question_pkey"),
        sa.UniqueConstraint("reference", name="open_question_reference_key"),
    )
    op.create_table(
        "payment",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body_hash", sa.LargeBinary, nullable=False),
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("bill", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("share", sa.BigInteger, nullable=False),
        sa.Column("tax", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("state", sa.Text, server_default="pending", nullable=False),
        sa.Column("released", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("confirmed", sa.ARRAY(sa.Text), server_default="{}", nullable=False),
        sa.Column("customer_phone", sa.Text, server_default="", nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("receipt_code", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("was_unknown", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.Text),
        sa.Column("biller_reference", sa.Text, server_default="", nullable=False),
        sa.Column("code", sa.Text, server_default="", nullable=False),
        sa.Column("balance_after", sa.BigInteger, nullable=False),
        sa.CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name="settled_once_not_pending"),
        sa.CheckConstraint("released = (state IN ('refused', 'cancelled'))", name="released_when_refused_or_cancelled"),
        sa.CheckConstraint("state IN ('pending', 'paid', 'refused', 'cancelled')", name="payment_state_known"),
        sa.CheckConstraint("amount > 0 AND fee >= 0 AND share >= 0 AND tax >= 0", name="payment_amounts_sensible"),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 255", name="payment_key_length"),
        sa.PrimaryKeyConstraint("reference", name="payment_pkey"),
        sa.UniqueConstraint("agent", "key", name="payment_agent_key_key"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "one_live_payment", "payment", ["biller", "subscriber", "bill", "version"], unique=True, postgresql_where=sa.text("NOT released")
    )
    op.create_index("payment_of_agent", "payment", ["agent", "reference"])
    op.create_index("payment_asked_at", "payment", ["asked_at"], postgresql_using="brin")
    op.create_table(
        "cash_to_return",
        sa.Column("payment", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("returned_at", MOMENT),
        sa.Column("returned_by", sa.Text),
        sa.CheckConstraint("(returned_at IS NULL) = (returned_by IS NULL)", name="returned_by_someone"),
        sa.ForeignKeyConstraint(["payment"], ["payment.reference"], name="cash_to_return_payment_fkey"),
        sa.PrimaryKeyConstraint("payment", name="cash_to_return_pkey"),
    )
    op.create_index("cash_still_to_return", "cash_to_return", ["agent"], postgresql_where=sa.text("returned_at IS NULL"))
    op.create_table(
        "payment_case",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("payment", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("note", sa.Text, server_default="", nullable=False),
        sa.Column("proposed_at", MOMENT),
        sa.Column("proposed_by", sa.Text),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.CheckConstraint("kind IN ('unknown', 'late-yes', 'late-no')", name="case_kind_known"),
        sa.CheckConstraint("outcome IN ('paid', 'refused', 'charge-agent', 'noted')", name="case_outcome_known"),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="case_decided_by_someone"),
        sa.CheckConstraint(
            "(proposed_at IS NULL) = (proposed_by IS NULL) AND (proposed_at IS NULL) = (outcome IS NULL)", name="proposed_by_someone"
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name="case_decided_by_another"),
        sa.ForeignKeyConstraint(["payment"], ["payment.reference"], name="payment_case_payment_fkey"),
        sa.PrimaryKeyConstraint("id", name="payment_case_pkey"),
        sa.UniqueConstraint("payment", "kind", name="payment_case_payment_kind_key"),
    )
    op.create_table(
        "slip",
        sa.Column("payment", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("copy", sa.BigInteger, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.CheckConstraint("kind IN ('receipt', 'pending', 'void', 'dekont')", name="slip_kind_known"),
        sa.ForeignKeyConstraint(["payment"], ["payment.reference"], name="slip_payment_fkey"),
        sa.PrimaryKeyConstraint("payment", "kind", "copy", name="slip_pkey"),
    )
    op.execute(RESERVE)
    op.execute(SETTLE)
    op.execute("GRANT SELECT, INSERT, UPDATE ON payment, payment_case, cash_to_return TO gise_app")
    op.execute("GRANT SELECT, INSERT ON slip TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON open_question TO gise_app")
