"""Why: the name and phone of an erased person stood on in the changes that had brought and removed the login; they go, and nothing else."""

from alembic import op

revision = "0031"
down_revision = "0030"

NOBODYS_PHONE = "+9990000000000"

# A change's values without the person they are about; what they say of the shop stays.
NOBODY = f"""
CREATE FUNCTION change_of_nobody(p_kind text, p_values jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT p_values || coalesce(jsonb_object_agg(key, instead), '{{}}')
    FROM (VALUES ('person-add', 'name', '-'), ('person-add', 'phone', '{NOBODYS_PHONE}'), ('person-add', 'identity_number', '-'),
                 ('person-remove', 'name', '-'), ('person-remove', 'phone', '{NOBODYS_PHONE}'),
                 ('agent-new', 'owner_name', '-'), ('agent-new', 'owner_phone', '{NOBODYS_PHONE}')) hidden(kind, key, instead)
    WHERE hidden.kind = p_kind AND p_values ? hidden.key
$$
"""
NOBODYS_MATTER = f"""
CREATE FUNCTION change_matter_of_nobody(p_kind text, p_matter text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_kind IN ('person-add', 'agent-new') THEN regexp_replace(p_matter, '\\+[0-9]+$', '{NOBODYS_PHONE}') ELSE p_matter END
$$
"""

# As in 0019; only that what has ended may forget whom it was about, and in no other way than this.
STANDS = """
CREATE OR REPLACE FUNCTION change_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.applied_at IS NOT NULL OR OLD.denied_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL)
       AND (NEW.wanted, NEW.before, NEW.matter) = (change_of_nobody(OLD.kind, OLD.wanted), change_of_nobody(OLD.kind, OLD.before),
            change_matter_of_nobody(OLD.kind, OLD.matter))
    THEN
        OLD.wanted := NEW.wanted;
        OLD.before := NEW.before;
        OLD.matter := NEW.matter;
    END IF;
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


def upgrade() -> None:
    for function in (NOBODY, NOBODYS_MATTER, STANDS):
        op.execute(function)
