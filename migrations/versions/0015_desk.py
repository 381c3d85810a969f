"""The desk: proposals that a second person decides, returns by a payout file, the bank's own events, notices to owners.

Why: above a sum one person alone moves no stranger's money, and credits nothing that only a file in one person's hand
tells of. A return is in the book when it has left the bank, not when somebody decided it; until then it is ``returning``.
The chart's CHECK is read and widened rather than written anew, so that a move allowed elsewhere stays allowed.
"""

import re
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

MOMENT = sa.DateTime(timezone=True)
MARKETS = "market IN ('TR', 'AZ', 'ES', 'HU')"
FOR_EVER = ("desk_limit",)
NEW_MOVES = (
    "deposit.dismissed suspense bank",
    "deposit.dismissed suspense biller",
    "deposit.dismissed suspense cost",
    "deposit.taken-back cost bank",
)
# About 10,000 lira everywhere, in minor units.
LIMITS = {"TR": 1_000_000, "AZ": 40_000, "ES": 20_000, "HU": 8_000_000}
FROM_THE_BEGINNING = {"valid_from": date(2020, 1, 1), "set_at": datetime(2020, 1, 1, tzinfo=UTC), "set_by": "install"}


def upgrade() -> None:
    widen_the_chart()
    limit = op.create_table(
        "desk_limit",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("uploads_wait", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.CheckConstraint(MARKETS, name="desk_limit_market_known"),
        sa.CheckConstraint("amount >= 0", name="desk_limit_not_negative"),
        sa.PrimaryKeyConstraint("market", "valid_from", "set_at", name="desk_limit_pkey"),
    )
    op.bulk_insert(limit, [{"market": market, "amount": amount} | FROM_THE_BEGINNING for market, amount in LIMITS.items()])
    op.create_table(
        "deposit_proposal",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("deposit", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("target", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.Column("granted", sa.Boolean),
        sa.Column("answer", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('credit', 'assign', 'reassign', 'return', 'dismiss')", name="deposit_proposal_kind_known"),
        sa.CheckConstraint("(agent IS NOT NULL) = (kind IN ('credit', 'assign', 'reassign'))", name="proposed_for_an_agent"),
        sa.CheckConstraint("(target IS NOT NULL) = (kind = 'dismiss')", name="dismissed_to_an_account"),
        sa.CheckConstraint("note <> '' OR kind = 'credit'", name="proposed_with_a_note"),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="proposal_decided_by_someone"),
        sa.CheckConstraint("granted IS NULL OR decided_at IS NOT NULL", name="granted_by_a_decision"),
        sa.CheckConstraint("granted IS NULL OR decided_by <> proposed_by", name="proposal_decided_by_another"),
        sa.CheckConstraint("granted IS NOT FALSE OR answer <> ''", name="proposal_refused_with_a_reason"),
        sa.ForeignKeyConstraint(["deposit"], ["deposit.reference"], name="deposit_proposal_deposit_fkey"),
        sa.PrimaryKeyConstraint("id", name="deposit_proposal_pkey"),
    )
    op.create_index("one_open_proposal", "deposit_proposal", ["deposit"], unique=True, postgresql_where=sa.text("decided_at IS NULL"))
    op.create_table(
        "return_batch",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("iban", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("gathered_at", MOMENT, nullable=False),
        sa.Column("gathered_by", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.Column("granted", sa.Boolean),
        sa.Column("answer", sa.Text, server_default="", nullable=False),
        sa.Column("format", sa.Text),
        sa.Column("sha256", sa.LargeBinary),
        sa.Column("downloaded_at", MOMENT),
        sa.Column("downloaded_by", sa.Text),
        sa.Column("voided_at", MOMENT),
        sa.Column("voided_by", sa.Text),
        sa.Column("void_note", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("number > 0 AND amount > 0", name="return_batch_of_something"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL)", name="batch_decided_by_someone"
        ),
        sa.CheckConstraint("decided_by <> gathered_by", name="batch_decided_by_another"),
        sa.CheckConstraint("granted IS NOT FALSE OR answer <> ''", name="batch_refused_with_a_reason"),
        sa.CheckConstraint("downloaded_at IS NULL OR granted IS TRUE", name="downloaded_once_granted"),
        sa.CheckConstraint(
            "(downloaded_at IS NULL) = (downloaded_by IS NULL) AND (downloaded_at IS NULL) = (sha256 IS NULL)"
            " AND (downloaded_at IS NULL) = (format IS NULL)",
            name="downloaded_by_someone",
        ),
        sa.CheckConstraint("format IN ('pain.001.001.03', 'pain.001.001.09', 'csv')", name="batch_format_known"),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_note = '')", name="voided_with_a_note"
        ),
        sa.CheckConstraint("voided_at IS NULL OR granted IS TRUE", name="voided_once_granted"),
        sa.ForeignKeyConstraint(["iban"], ["bank_account.iban"], name="return_batch_iban_fkey"),
        sa.PrimaryKeyConstraint("id", name="return_batch_pkey"),
    )
    op.create_table(
        "bank_event",
        sa.Column("iban", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("came_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.ForeignKeyConstraint(["iban"], ["bank_account.iban"], name="bank_event_iban_fkey"),
        sa.PrimaryKeyConstraint("iban", "event", name="bank_event_pkey"),
    )
    op.create_table(
        "top_up_notice",
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("sms", sa.Boolean, nullable=False),
        sa.Column("mail", sa.Text, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="top_up_notice_person_id_fkey"),
        sa.PrimaryKeyConstraint("person_id", name="top_up_notice_pkey"),
    )
    change_what_there_is()
    for table in FOR_EVER:
        op.execute(f"CREATE TRIGGER {table}_is_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_for_ever")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO gise_app")
    # What was proposed, by whom and why: never to be changed.
    op.execute("GRANT SELECT, INSERT, UPDATE (decided_at, decided_by, granted, answer) ON deposit_proposal TO gise_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (decided_at, decided_by, granted, answer, format, sha256, downloaded_at, downloaded_by,"
        " voided_at, voided_by, void_note) ON return_batch TO gise_app"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE (done_at) ON bank_event TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (sms, mail, changed_at) ON top_up_notice TO gise_app")
    op.execute("GRANT UPDATE (taken_back_sum, return_batch) ON deposit TO gise_app")
    op.execute("GRANT UPDATE (push_key) ON bank_account TO gise_app")


def widen_the_chart() -> None:
    written = op.get_bind().scalar(sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'allowed_by_the_chart'"))
    words = sorted({*re.findall(r"'([a-z.-]+ [a-z]+ [a-z]+)'", str(written)), *NEW_MOVES})
    op.drop_constraint("allowed_by_the_chart", "posting")
    op.create_check_constraint(
        "allowed_by_the_chart",
        "posting",
        "(event || ' ' || split_part(source, ':', 1) || ' ' || split_part(target, ':', 1)) = ANY (ARRAY["
        + ", ".join(f"'{word}'" for word in words)
        + "])",
    )


def change_what_there_is() -> None:
    op.add_column("bank_account", sa.Column("push_key", sa.BigInteger, server_default="0", nullable=False))
    replace_check("statement_file", "statement_file_way_known", "way IN ('feed', 'push', 'inbox', 'upload')")
    op.add_column("deposit", sa.Column("taken_back_sum", sa.BigInteger, server_default="0", nullable=False))
    op.add_column("deposit", sa.Column("return_batch", sa.BigInteger))
    op.create_foreign_key("deposit_return_batch_fkey", "deposit", "return_batch", ["return_batch"], ["id"])
    replace_check(
        "deposit",
        "deposit_state_known",
        "state IN ('seen', 'coming', 'credited', 'suspense', 'returning', 'returned', 'taken-back', 'not-top-up', 'noted')",
    )
    replace_check(
        "deposit", "unmatched_is_nobodys", "state NOT IN ('seen', 'suspense', 'returning', 'noted', 'not-top-up') OR agent IS NULL"
    )
    op.create_check_constraint("taken_back_in_parts", "deposit", "taken_back_sum >= 0 AND taken_back_sum <= amount")
    op.create_check_constraint("batched_is_returned", "deposit", "return_batch IS NULL OR state IN ('returning', 'returned')")
    op.create_index("deposit_returning", "deposit", ["id"], postgresql_where=sa.text("state = 'returning'"))
    op.create_index("deposit_in_batch", "deposit", ["return_batch"], postgresql_where=sa.text("return_batch IS NOT NULL"))
    op.create_index("deposit_by_state", "deposit", ["state", "id"])
    op.create_index("deposit_in_parts", "deposit", ["iban"], postgresql_where=sa.text("taken_back_sum > 0"))
    op.add_column("deposit_decision", sa.Column("second_by", sa.Text))
    replace_check(
        "deposit_decision",
        "deposit_decision_kind_known",
        "kind IN ('assigned', 'unassigned', 'confirmed', 'returned', 'kept', 'dismissed', 'taken-back')",
    )
    replace_check("deposit_decision", "assigned_to_an_agent", "(agent IS NOT NULL) = (kind IN ('assigned', 'unassigned', 'confirmed'))")
    replace_check("deposit_decision", "decided_with_a_note", "note <> '' OR kind = 'confirmed'")
    op.create_check_constraint("decision_by_two", "deposit_decision", "second_by <> by")


def replace_check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, condition)
