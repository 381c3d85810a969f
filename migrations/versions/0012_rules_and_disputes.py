"""
Several bills of one subscriber, and disputes. Why: past debt printed on a newer bill must never be collected twice, which only
the payments themselves can tell (P-25); the next bill may follow the oldest at once (P-21); a disputed bill warns before the
biller shows it (P-29).
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

MOMENT = sa.DateTime(timezone=True)

RESERVE = """
CREATE OR REPLACE FUNCTION reserve_payment(
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
    v_covering text;
    v_has_moved boolean;
    v_paid_since text[];
BEGIN
    -- Everybody who moves this agent's money queues here first: one lock order, no circles.
    SELECT * INTO v_account FROM limited_account a WHERE a.address = v_address FOR UPDATE;

    -- Written so that only the keys' own index fits: planned on an empty table, ``p.key = p_key`` reads all payments of the agent.
    SELECT p.reference, p.balance_after INTO reference, balance FROM payment p
    WHERE p.agent = p_agent AND p.key BETWEEN p_key AND p_key ORDER BY p.key LIMIT 1;
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
        fact := concat_ws(' ', v_quote.smallest, v_quote.largest, v_quote.step, array_to_string(v_quote.options, ' '));
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

    -- From here on nobody else is in flight for this subscriber: what was paid of related bills stands still while we look.
    -- A bill paid after the quote began may be missing in it; one paid before is in what the biller showed.
    SELECT min(p.reference) FILTER (WHERE is_whole AND p_bill = ANY (p.covers)),
           coalesce(bool_or(is_since AND p.bill <> p_bill
                            AND (p.bill = ANY (v_quote.covers) OR p_bill = ANY (p.covers) OR p.covers && v_quote.covers)), false),
           coalesce(array_agg(p.bill) FILTER (WHERE is_whole AND is_since AND p.state = 'paid'), '{}')
    INTO v_covering, v_has_moved, v_paid_since
    FROM payment p, LATERAL (
        SELECT p.amount >= (p.facts ->> 'open')::bigint AS is_whole, p.settled_at >= v_quote.quoted_at AS is_since
    ) AS this
    WHERE p.biller = p_biller AND p.subscriber = p_subscriber AND NOT p.released;
    IF v_covering IS NOT NULL THEN
        verdict := 'already-paid';
        reference := v_covering;
    ELSIF v_has_moved THEN
        verdict := 'quote-changed';
    ELSIF NOT v_quote.after <@ v_paid_since THEN
        verdict := 'older-first';
        fact := (SELECT older FROM unnest(v_quote.after) WITH ORDINALITY AS a (older, place)
                 WHERE older <> ALL (v_paid_since) ORDER BY place LIMIT 1);
    END IF;
    IF verdict IS NOT NULL THEN
        DELETE FROM open_question q WHERE q.biller = p_biller AND q.subscriber = p_subscriber AND q.reference = p_reference;
        RETURN;
    END IF;

    INSERT INTO payment (reference, agent, person_id, key, body_hash, biller, subscriber, bill, version, amount, fee, share, tax, currency,
                         confirmed, customer_phone, facts, covers, receipt_code, asked_at, balance_after)
    VALUES (p_reference, p_agent, p_person, p_key, p_body_hash, p_biller, p_subscriber, p_bill, p_version,
            p_amount, p_fee, p_share, p_tax, p_currency,
            v_quote.must_confirm, p_customer_phone, v_quote.facts, v_quote.covers, p_receipt_code, p_at,
            v_account.balance - p_amount - p_fee)
    ON CONFLICT (biller, subscriber, bill, version) WHERE NOT released DO NOTHING;
    IF NOT FOUND THEN
        DELETE FROM open_question q WHERE q.biller = p_biller AND q.subscriber = p_subscriber AND q.reference = p_reference;
        verdict := 'already-paid';
        SELECT p.reference INTO reference FROM payment p
        WHERE p.biller = p_biller AND p.subscriber = p_subscriber AND p.bill = p_bill AND p.version = p_version AND NOT p.released;
        RETURN;
    END IF;

    IF cardinality(v_quote.must_confirm) > 0 THEN
        INSERT INTO audit_line (at, by, address, event, about, facts)
        VALUES (p_at, 'person:' || p_person, '', 'payment.confirmed', p_reference,
                jsonb_build_object('confirmed', array_to_string(v_quote.must_confirm, ' '), 'bill', p_bill));
    END IF;
    balance := ledger_post(ARRAY['payment.reserved'], ARRAY[p_reference], ARRAY[1::smallint], ARRAY[v_address], ARRAY['transit'],
                           ARRAY[p_amount + p_fee], ARRAY[p_currency], p_at, 'person:' || p_person, false);
    verdict := 'new';
    reference := p_reference;
END
$$
"""


def upgrade() -> None:
    op.add_column("quoted_bill", sa.Column("covers", sa.ARRAY(sa.Text), server_default="{}", nullable=False))
    op.add_column("quoted_bill", sa.Column("after", sa.ARRAY(sa.Text), server_default="{}", nullable=False))
    op.add_column("payment", sa.Column("covers", sa.ARRAY(sa.Text), server_default="{}", nullable=False))
    op.create_table(
        "dispute",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("biller", sa.Text, nullable=False),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("bill", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("next_tell_at", MOMENT),
        sa.Column("times_told", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("told_at", MOMENT),
        sa.Column("biller_reference", sa.Text, server_default="", nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.Column("over_at", MOMENT),
        sa.Column("refused_at", MOMENT),
        sa.Column("word", sa.Text, server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Text,
            sa.Computed(
                "CASE WHEN refused_at IS NOT NULL THEN 'refused' WHEN over_at IS NOT NULL THEN 'over' WHEN told_at IS NOT NULL THEN 'told'"
                " ELSE 'asked' END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("reason <> ''", name="disputed_with_a_reason"),
        sa.CheckConstraint("told_at IS NULL OR times_told > 0", name="dispute_told_at_least_once"),
        sa.CheckConstraint("told_at IS NULL OR refused_at IS NULL", name="dispute_told_or_refused"),
        sa.CheckConstraint("(refused_at IS NULL) = (word = '')", name="dispute_refused_with_a_word"),
        sa.CheckConstraint("over_at IS NULL OR seen_at IS NOT NULL", name="dispute_over_once_seen"),
        sa.CheckConstraint("next_tell_at IS NULL OR (told_at IS NULL AND refused_at IS NULL)", name="dispute_told_until_the_end"),
        sa.ForeignKeyConstraint(["biller"], ["biller.code"], name="dispute_biller_fkey"),
        sa.PrimaryKeyConstraint("id", name="dispute_pkey"),
    )
    op.create_index(
        "one_live_dispute",
        "dispute",
        ["biller", "subscriber", "bill"],
        unique=True,
        postgresql_where=sa.text("refused_at IS NULL AND over_at IS NULL"),
    )
    op.create_index("dispute_to_tell", "dispute", ["next_tell_at"], postgresql_where=sa.text("next_tell_at IS NOT NULL"))
    op.execute(RESERVE)
    op.execute("GRANT SELECT, INSERT, UPDATE ON dispute TO gise_app")
