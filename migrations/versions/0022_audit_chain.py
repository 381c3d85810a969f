"""Why: whoever owns the server could change the audit trail unseen; in a chain of seals every changed, missing or added line is named.

Lines are written as before, without a lock. Each carries its transaction's number, so that whoever seals knows which lines can
still appear: none of a transaction that has ended. Only ``audit_seal_next`` seals, with its owner's rights.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE
from sqlalchemy.types import UserDefinedType

revision = "0022"
down_revision = "0021"


class Xid8(UserDefinedType):
    cache_ok = True

    def get_col_spec(self, **_options):
        return "xid8"


# Before a line gets its number its transaction gets its own: then every line below a visible one, seen or not yet seen, belongs
# to a transaction whose number is lower than the next one that is given out.
TRANSACTION_FIRST = """
CREATE FUNCTION audit_transaction_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_current_xact_id();
    RETURN NULL;
END
$$
"""

# What is proven of a line; ``app/audit_chain.py`` spells it again, so that changing this function helps nobody.
DIGEST = """
CREATE FUNCTION audit_line_digest(l audit_line) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(convert_to(
        jsonb_build_array(l.id, extract(epoch FROM l.at)::text, l.by, l.address, l.event, l.about, l.facts, l.xact::text)::text, 'UTF8'))
$$
"""

SEAL_DIGEST = """
CREATE FUNCTION audit_seal_digest(s audit_seal) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(s.previous || sha256(s.digests) || convert_to(
        jsonb_build_array(s.number, extract(epoch FROM s.at)::text, s.ids::text, s.lines, s.floor, s.seen, s.horizon::text)::text, 'UTF8'))
$$
"""

# In one call: at most p_most lines, in the order of their numbers, of transactions that have ended.
#   floor    below it every line is sealed, for ever
#   seen     the highest line there was, and horizon the next transaction then, our own: once all before the horizon have ended, no
#            line up to seen can still appear. (A snapshot's xmax will not do: younger transactions than that may be running.)
# A transaction that is not yet known is one of another server's life (the database was restored from a dump): it has ended.
SEAL_NEXT = """
CREATE FUNCTION audit_seal_next(p_at timestamptz, p_most bigint) RETURNS bigint  -- lines sealed
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    v_last audit_seal;
    v_new audit_seal;
    v_sealed int8multirange;
    v_gaps int8multirange;
    v_first bigint;
    v_settled bigint;
BEGIN
    LOCK TABLE audit_seal IN EXCLUSIVE MODE;  -- readers are not disturbed, and lines are written meanwhile
    SELECT * INTO v_last FROM audit_seal ORDER BY number DESC LIMIT 1;
    v_last.number := coalesce(v_last.number, 0);
    v_last.floor := coalesce(v_last.floor, 1);
    v_last.seen := coalesce(v_last.seen, 0);
    SELECT coalesce(range_agg(ids), '{}') INTO v_sealed FROM audit_seal WHERE upper(ids) > v_last.floor;
    v_gaps := int8multirange(int8range(v_last.floor, NULL)) - v_sealed;

    v_new.seen := v_last.seen;
    v_new.horizon := coalesce(v_last.horizon, '3');
    IF pg_current_xact_id_if_assigned() IS NULL THEN  -- else ours is too old to be the next one
        SELECT greatest(v_last.seen, max(id)) INTO v_new.seen FROM audit_line;
        v_new.horizon := pg_current_xact_id();
    END IF;

    -- One statement, one snapshot: what it sees and which transactions it takes for ended.
    SELECT (SELECT max(seen) FROM (SELECT seen, horizon FROM audit_seal ORDER BY number DESC LIMIT 200) earlier
            WHERE horizon <= pg_snapshot_xmin(s) OR horizon > pg_snapshot_xmax(s)),
           (SELECT min(found.id) FROM unnest(v_gaps) gap CROSS JOIN LATERAL (
                SELECT id FROM audit_line
                WHERE id >= lower(gap) AND id < coalesce(upper(gap), 9223372036854775807)
                  AND (xact < pg_snapshot_xmin(s) OR xact >= pg_snapshot_xmax(s))
                ORDER BY id LIMIT 1) found)
    INTO v_settled, v_first
    FROM pg_current_snapshot() s;

    WITH taken AS (
        SELECT l.id, audit_line_digest(l) AS digest
        FROM audit_line l, pg_current_snapshot() s
        WHERE l.id >= v_first AND l.id < v_first + p_most AND NOT v_sealed @> l.id
          AND (l.xact < pg_snapshot_xmin(s) OR l.xact >= pg_snapshot_xmax(s))
    )
    SELECT coalesce(range_agg(int8range(id, id, '[]')), '{}'), count(*), coalesce(string_agg(digest, '' ORDER BY id), '')
    INTO v_new.ids, v_new.lines, v_new.digests
    FROM taken;

    v_new.floor := greatest(v_last.floor, least(coalesce(v_settled, 0) + 1, v_first + p_most));
    IF v_new.lines = 0 AND v_new.floor = v_last.floor THEN
        RETURN 0;
    END IF;
    v_new.number := v_last.number + 1;
    v_new.at := p_at;
    v_new.previous := coalesce(v_last.digest, '');
    v_new.digest := audit_seal_digest(v_new);
    INSERT INTO audit_seal SELECT v_new.*;
    RETURN v_new.lines;
END
$$
"""

SEAL_ALL = """
DO $$
DECLARE v_sealed bigint;
BEGIN
    LOOP
        SELECT audit_seal_next(now(), 10000) INTO v_sealed;
        EXIT WHEN v_sealed = 0;
    END LOOP;
END
$$
"""


def upgrade() -> None:
    # Lines that are there already belong to transactions that have ended; no line is rewritten for it.
    op.add_column("audit_line", sa.Column("xact", Xid8, nullable=False, server_default=sa.text("'3'::xid8")))
    op.execute("ALTER TABLE audit_line ALTER COLUMN xact SET DEFAULT pg_current_xact_id()")
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ids", INT8MULTIRANGE, nullable=False),
        sa.Column("lines", sa.BigInteger, nullable=False),
        sa.Column("digests", sa.LargeBinary, nullable=False),
        sa.Column("floor", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("horizon", Xid8, nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="audit_seal_pkey"),
        sa.CheckConstraint("octet_length(digests) = 32 * lines", name="audit_seal_has_a_digest_for_each_line"),
    )
    op.create_index("audit_seal_upper", "audit_seal", [sa.text("upper(ids)")])
    for function in (TRANSACTION_FIRST, DIGEST, SEAL_DIGEST, SEAL_NEXT):
        op.execute(function)
    op.execute("CREATE TRIGGER audit_line_transaction_first BEFORE INSERT ON audit_line EXECUTE FUNCTION audit_transaction_first()")
    op.execute("ALTER TABLE audit_line ENABLE ALWAYS TRIGGER audit_line_transaction_first")
    op.execute("CREATE TRIGGER audit_seal_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal EXECUTE FUNCTION refuse_change()")
    op.execute("ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_seal_is_for_ever")
    op.execute("REVOKE ALL ON FUNCTION audit_seal_next FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION audit_seal_next TO gise_app")
    op.execute("GRANT SELECT ON audit_seal TO gise_app")
    op.execute(SEAL_ALL)
