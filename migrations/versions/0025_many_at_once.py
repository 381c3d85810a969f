"""Why: a day's statement has a hundred thousand lines, and an agent's money must not wait for the last of them.

ledger_post_many writes any number of postings in one statement, each with the balance after it, and keeps the agents'
accounts locked no longer than that takes. It is for money that only comes in: nothing can fall below a limit, so there is
nothing to refuse on the way. The product's role may draw the numbers of bookings before it copies them. Two indexes of
deposits leave out what nobody looks for: deposits that are nobody's, and those that the bank took nothing back of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

TAKEN_BACK_ALONE = "return_batch IS NULL AND taken_back_by IS NOT NULL"

LEDGER_POST_MANY = """
CREATE FUNCTION ledger_post_many(
    p_events text[], p_abouts text[], p_lines smallint[], p_sources text[], p_targets text[],
    p_amounts bigint[], p_currencies text[], p_at timestamptz, p_by text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    v_source text;
    v_addresses text[];
BEGIN
    SELECT source INTO v_source FROM unnest(p_sources) AS s (source) WHERE starts_with(source, 'agent:') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'money leaves account %, which has a limit: use ledger_post', v_source USING ERRCODE = 'feature_not_supported';
    END IF;
    v_addresses := ARRAY(SELECT DISTINCT target FROM unnest(p_targets) AS t (target) WHERE starts_with(target, 'agent:'));
    -- One order for everybody, as in ledger_post.
    PERFORM FROM limited_account WHERE address = ANY (v_addresses) ORDER BY address FOR UPDATE;
    -- An agent without an account in that currency has no balance to show, which the table refuses.
    INSERT INTO posting (event, about, line, source, target, amount, currency, at, by, target_balance)
    SELECT m.event, m.about, m.line, m.source, m.target, m.amount, m.currency, p_at, p_by,
           a.balance + (sum(m.amount) OVER (PARTITION BY m.target, m.currency ORDER BY m.place))::bigint
    FROM unnest(p_events, p_abouts, p_lines, p_sources, p_targets, p_amounts, p_currencies)
         WITH ORDINALITY AS m (event, about, line, source, target, amount, currency, place)
    LEFT JOIN limited_account a ON a.address = m.target AND a.currency = m.currency
    ORDER BY m.place;
    UPDATE limited_account a SET balance = a.balance + m.amount
    FROM (
        SELECT target, currency, sum(amount)::bigint AS amount
        FROM unnest(p_targets, p_amounts, p_currencies) AS u (target, amount, currency)
        WHERE starts_with(target, 'agent:') GROUP BY target, currency
    ) m
    WHERE a.address = m.target AND a.currency = m.currency;
END
$$
"""


def upgrade() -> None:
    op.execute(LEDGER_POST_MANY)
    op.execute("REVOKE ALL ON FUNCTION ledger_post_many FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION ledger_post_many TO gise_app")
    op.execute("GRANT USAGE ON SEQUENCE bank_booking_id_seq TO gise_app")
    op.drop_index("deposit_taken_back_once", "deposit")
    op.create_index("deposit_taken_back_once", "deposit", ["taken_back_by"], unique=True, postgresql_where=sa.text(TAKEN_BACK_ALONE))
    op.drop_index("deposit_of_agent", "deposit")
    op.create_index("deposit_of_agent", "deposit", ["agent", "id"], postgresql_where=sa.text("agent IS NOT NULL"))
