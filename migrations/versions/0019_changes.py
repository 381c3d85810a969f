"""Changes. Why so many checks: whoever changes a shop's IBAN or a login's phone can take its money, so the database counts who approved."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"

MOMENT = sa.DateTime(timezone=True)
MARKETS = ("TR", "AZ", "ES", "HU")

STATE = (
    "CASE WHEN withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN denied_at IS NOT NULL THEN 'denied'"
    " WHEN applied_at IS NOT NULL THEN 'applied' WHEN failed_at IS NOT NULL THEN 'failed' WHEN granted_at IS NOT NULL THEN 'granted'"
    " WHEN approvals > 0 THEN 'approved-once' WHEN complete_at IS NOT NULL THEN 'asked' WHEN asked_at IS NOT NULL THEN 'incomplete'"
    " ELSE 'draft' END"
)
CONCERNS = "CASE WHEN person_id IS NULL THEN '' ELSE 'person:' || CAST(person_id AS text) END"
OPEN = "denied_at IS NULL AND withdrawn_at IS NULL AND applied_at IS NULL"

# What was once said stands; a grant falls only with the failure of applying it, and then the counting begins anew.
STANDS = """
CREATE FUNCTION change_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.asked_at IS NOT NULL AND (NEW.reference, NEW.kind, NEW.market, NEW.agent, NEW.person_id, NEW.matter, NEW.source,
            NEW.on_behalf_of, NEW.opened_at, NEW.opened_by, NEW.asked_at, NEW.asked_by, NEW.wanted, NEW.before, NEW.version,
            NEW.effective_on, NEW.reason, NEW.weight, NEW.persons_needed)
        IS DISTINCT FROM (OLD.reference, OLD.kind, OLD.market, OLD.agent, OLD.person_id, OLD.matter, OLD.source,
            OLD.on_behalf_of, OLD.opened_at, OLD.opened_by, OLD.asked_at, OLD.asked_by, OLD.wanted, OLD.before, OLD.version,
            OLD.effective_on, OLD.reason, OLD.weight, OLD.persons_needed)
       OR OLD.complete_at IS NOT NULL AND (NEW.complete_at, NEW.complete_by) IS DISTINCT FROM (OLD.complete_at, OLD.complete_by)
       OR OLD.denied_at IS NOT NULL
            AND (NEW.denied_at, NEW.denied_by, NEW.denial_reason) IS DISTINCT FROM (OLD.denied_at, OLD.denied_by, OLD.denial_reason)
       OR OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at, NEW.withdrawn_by) IS DISTINCT FROM (OLD.withdrawn_at, OLD.withdrawn_by)
       OR OLD.applied_at IS NOT NULL
            AND (NEW.applied_at, NEW.applied_by, NEW.outcome) IS DISTINCT FROM (OLD.applied_at, OLD.applied_by, OLD.outcome)
       OR NEW.round NOT IN (OLD.round, OLD.round + 1)
       OR NEW.round <> OLD.round AND OLD.failed_at IS NULL
       OR NEW.round = OLD.round AND OLD.granted_at IS NOT NULL
            AND (NEW.granted_at, NEW.granted_by) IS DISTINCT FROM (OLD.granted_at, OLD.granted_by)
       OR NEW.round = OLD.round AND OLD.failed_at IS NOT NULL AND NEW.failed_at IS DISTINCT FROM OLD.failed_at
    THEN
        RAISE EXCEPTION 'change %: what was asked, decided, withdrawn or applied stands', OLD.reference
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.round <> OLD.round THEN
        NEW.approvals := 0;
    END IF;
    RETURN NEW;
END
$$
"""

# Approvals are counted here alone: the product's role may not write the number.
COUNT = """
CREATE FUNCTION change_count_approval() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE change SET approvals = approvals + 1
    WHERE id = NEW.change AND round = NEW.round AND complete_at IS NOT NULL AND granted_at IS NULL AND denied_at IS NULL
        AND withdrawn_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'change %: nothing is to be approved', NEW.change USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$
"""

# Up to which weight one person decides: credit limits in minor units; of a shop's information the IBAN weighs one.
LIMITS = {
    "credit-limit": {"TR": 50_000_00, "AZ": 2_500_00, "ES": 1_500_00, "HU": 600_000_00},
    "agent-information": dict.fromkeys(MARKETS, 0),
}
FROM_THE_BEGINNING = {"valid_from": date(2000, 1, 1), "set_at": datetime(2000, 1, 1, tzinfo=UTC), "set_by": "migration:0019"}


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("on_behalf_of", sa.Text, server_default="", nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("asked_by", sa.Text),
        sa.Column("complete_at", MOMENT),
        sa.Column("complete_by", sa.Text),
        sa.Column("wanted", JSONB, nullable=False),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("effective_on", sa.Date),
        sa.Column("reason", sa.Text, server_default="", nullable=False),
        sa.Column("weight", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("persons_needed", sa.SmallInteger, server_default="1", nullable=False),
        sa.Column("round", sa.SmallInteger, server_default="1", nullable=False),
        sa.Column("approvals", sa.SmallInteger, server_default="0", nullable=False),
        sa.Column("granted_at", MOMENT),
        sa.Column("granted_by", sa.Text),
        sa.Column("denied_at", MOMENT),
        sa.Column("denied_by", sa.Text),
        sa.Column("denial_reason", sa.Text, server_default="", nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("applied_at", MOMENT),
        sa.Column("applied_by", sa.Text),
        sa.Column("outcome", JSONB, server_default="{}", nullable=False),
        sa.Column("failed_at", MOMENT),
        sa.Column("concerns", sa.Text, sa.Computed(CONCERNS, persisted=True), nullable=False),
        sa.Column("state", sa.Text, sa.Computed(STATE, persisted=True), nullable=False),
        sa.CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name="change_applied_by_someone"),
        sa.CheckConstraint("applied_at IS NULL OR (granted_at IS NOT NULL AND failed_at IS NULL)", name="change_applied_once_granted"),
        sa.CheckConstraint("approvals = 0 OR complete_at IS NOT NULL", name="change_approved_once_complete"),
        sa.CheckConstraint("(asked_at IS NULL) = (asked_by IS NULL)", name="change_asked_by_someone"),
        sa.CheckConstraint("complete_at IS NULL OR asked_at IS NOT NULL", name="change_complete_once_asked"),
        sa.CheckConstraint("(complete_at IS NULL) = (complete_by IS NULL)", name="change_completed_by_someone"),
        sa.CheckConstraint("denied_by NOT IN (asked_by, on_behalf_of, concerns)", name="change_denied_by_another"),
        sa.CheckConstraint("(denied_at IS NULL) = (denied_by IS NULL)", name="change_denied_by_someone"),
        sa.CheckConstraint("denied_at IS NULL OR complete_at IS NOT NULL", name="change_denied_once_complete"),
        sa.CheckConstraint("denied_at IS NULL OR denial_reason <> ''", name="change_denied_with_a_reason"),
        sa.CheckConstraint("num_nonnulls(denied_at, withdrawn_at, applied_at) <= 1", name="change_ends_once"),
        sa.CheckConstraint("failed_at IS NULL OR granted_at IS NOT NULL", name="change_failed_once_granted"),
        sa.CheckConstraint("granted_at IS NULL OR approvals >= persons_needed", name="change_granted_by_enough"),
        sa.CheckConstraint("(granted_at IS NULL) = (granted_by IS NULL)", name="change_granted_by_someone"),
        sa.CheckConstraint(
            "(denied_at IS NULL AND withdrawn_at IS NULL) OR granted_at IS NULL OR failed_at IS NOT NULL", name="change_granted_stands"
        ),
        sa.CheckConstraint("kind ~ '^[a-z]+(-[a-z]+)*$'", name="change_kind_shape"),
        sa.CheckConstraint("market IN ('TR', 'AZ', 'ES', 'HU')", name="change_market_known"),
        sa.CheckConstraint("persons_needed IN (1, 2)", name="change_needs_one_or_two"),
        sa.CheckConstraint(
            "reference ~ '^C(-[0123456789ABCDEFGHJKMNPQRSTVWXYZ]{4}){2}-[0123456789ABCDEFGHJKMNPQRSTVWXYZ]$'", name="change_reference_shape"
        ),
        sa.CheckConstraint("source IN ('screen', 'api', 'paper', 'mail')", name="change_source_known"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="change_withdrawn_by_someone"),
        sa.ForeignKeyConstraint(["agent"], ["agent.number"], name="change_agent_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="change_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="change_pkey"),
        sa.UniqueConstraint("reference", name="change_reference_key"),
        sa.UniqueConstraint("id", "asked_by", "on_behalf_of", "concerns", name="change_who_asked"),
    )
    op.create_index("change_of_agent", "change", ["agent", "id"])
    op.create_index("change_of_person", "change", ["person_id"])
    op.create_index("change_open", "change", ["state", "id"], postgresql_where=sa.text(OPEN))
    op.create_index(
        "one_open_change", "change", ["kind", "matter"], unique=True, postgresql_where=sa.text(f"asked_at IS NOT NULL AND {OPEN}")
    )
    op.create_table(
        "change_approval",
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("on_behalf_of", sa.Text, nullable=False),
        sa.Column("concerns", sa.Text, nullable=False),
        sa.CheckConstraint("by <> asked_by AND by <> on_behalf_of AND by <> concerns", name="change_approved_by_another"),
        sa.ForeignKeyConstraint(
            ["change", "asked_by", "on_behalf_of", "concerns"],
            ["change.id", "change.asked_by", "change.on_behalf_of", "change.concerns"],
            name="change_approval_of_what_was_asked",
        ),
        sa.PrimaryKeyConstraint("change", "round", "by", name="change_approval_pkey"),
    )
    op.create_table(
        "change_failure",
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("say", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["change"], ["change.id"], name="change_failure_change_fkey"),
        sa.PrimaryKeyConstraint("change", "round", name="change_failure_pkey"),
    )
    op.create_table(
        "change_scan",
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("which", sa.Text, nullable=False),
        sa.Column("scan", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["change"], ["change.id"], name="change_scan_change_fkey"),
        sa.ForeignKeyConstraint(["scan"], ["scan.name"], name="change_scan_scan_fkey"),
        sa.PrimaryKeyConstraint("change", "which", name="change_scan_pkey"),
        sa.UniqueConstraint("scan", name="change_scan_scan_key"),
    )
    limit = op.create_table(
        "change_limit",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("most", sa.BigInteger, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.CheckConstraint("market IN ('TR', 'AZ', 'ES', 'HU')", name="change_limit_market_known"),
        sa.CheckConstraint("most >= 0", name="change_limit_not_negative"),
        sa.PrimaryKeyConstraint("market", "kind", "valid_from", "set_at", name="change_limit_pkey"),
    )
    op.execute(STANDS)
    op.execute("CREATE TRIGGER change_stands BEFORE UPDATE ON change FOR EACH ROW EXECUTE FUNCTION change_stands()")
    op.execute("ALTER TABLE change ENABLE ALWAYS TRIGGER change_stands")
    op.execute(COUNT)
    op.execute("REVOKE EXECUTE ON FUNCTION change_count_approval() FROM PUBLIC")
    op.execute("CREATE TRIGGER change_count_approval AFTER INSERT ON change_approval FOR EACH ROW EXECUTE FUNCTION change_count_approval()")
    op.execute("ALTER TABLE change_approval ENABLE ALWAYS TRIGGER change_count_approval")
    for table in ("change_approval", "change_failure", "change_scan", "change_limit"):
        op.execute(f"CREATE TRIGGER {table}_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_for_ever")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gise_app")
    # A draft is filled once, by whoever asks; the number of approvals by nobody.
    op.execute(
        "GRANT SELECT, INSERT (reference, kind, market, agent, person_id, matter, source, on_behalf_of, opened_at, opened_by, asked_at,"
        " asked_by, complete_at, complete_by, wanted, before, version, effective_on, reason, weight, persons_needed, granted_at,"
        " granted_by, denied_at, denied_by, withdrawn_at, withdrawn_by, applied_at, applied_by, failed_at),"
        " UPDATE (kind, market, agent, person_id, matter, source, on_behalf_of, asked_at, asked_by, complete_at, complete_by, wanted,"
        " before, version, effective_on, reason, weight, persons_needed, round, granted_at, granted_by, denied_at, denied_by,"
        " denial_reason, withdrawn_at, withdrawn_by, applied_at, applied_by, outcome, failed_at) ON change TO gise_app"
    )
    op.bulk_insert(
        limit,
        [
            {"market": market, "kind": kind, "most": most} | FROM_THE_BEGINNING
            for kind, by_market in LIMITS.items()
            for market, most in by_market.items()
        ],
    )
