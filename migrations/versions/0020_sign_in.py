"""Coming in: one-time codes, second factors, browsers that were seen before, resets by support, secrets that leave the outbox.

Why: a forgotten password must cost nobody a day, and no guess, flood or stolen session may cost anybody money. Limits that
must hold in *any* hour or day need the moments themselves, not a window that begins somewhere.
"""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0020"
down_revision = "0019"

MOMENT = sa.DateTime(timezone=True)
FROM_THE_BEGINNING = {"valid_from": date(2020, 1, 1), "set_at": datetime(2020, 1, 1, tzinfo=UTC), "set_by": "install"}


def upgrade() -> None:
    op.add_column("throttle", sa.Column("moments", ARRAY(MOMENT), server_default="{}", nullable=False))
    op.add_column("message", sa.Column("secret_until", MOMENT))
    op.create_check_constraint("secret_leaves_the_outbox", "message", "secret_until IS NULL OR next_try_at IS NOT NULL OR body = ''")
    op.add_column("person", sa.Column("device_notice", sa.Text, server_default="sms", nullable=False))
    op.create_check_constraint("device_notice_known", "person", "device_notice IN ('sms', 'mail')")
    devices()
    password_codes()
    second_factors()
    resets()
    op.execute("GRANT SELECT, INSERT, UPDATE ON device, login_reset TO gise_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON password_code, second_factor, recovery_code TO gise_app")
    op.execute("GRANT SELECT, INSERT ON cooling_time TO gise_app")


def devices() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="device_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="device_pkey"),
        sa.UniqueConstraint("token_hash", "person_id", name="device_token_hash_person_id_key"),
    )
    op.add_column("session", sa.Column("user_agent", sa.Text, server_default="", nullable=False))
    op.add_column("session", sa.Column("device_id", sa.BigInteger))
    op.add_column("session", sa.Column("confirmed_at", MOMENT))
    op.add_column("session", sa.Column("role", sa.Text))
    op.create_foreign_key("session_device_id_fkey", "session", "device", ["device_id"], ["id"])
    op.drop_constraint("session_kind_known", "session")
    op.create_check_constraint("session_kind_known", "session", "kind IN ('browser', 'api', 'pending')")


def password_codes() -> None:
    op.create_table(
        "password_code",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary, nullable=False),
        sa.Column("numbers", ARRAY(sa.Text), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("looked_up_at", MOMENT),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("code_hash", sa.LargeBinary),
        sa.Column("tries", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("(person_id IS NULL) = (code_hash IS NULL)", name="code_for_somebody"),
        sa.CheckConstraint("person_id IS NULL OR looked_up_at IS NOT NULL", name="code_after_a_look"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="password_code_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="password_code_pkey"),
        sa.UniqueConstraint("browser_hash", name="password_code_browser_hash_key"),
    )
    op.create_index("password_code_waiting", "password_code", ["id"], postgresql_where=sa.text("looked_up_at IS NULL"))
    op.create_index("password_code_person", "password_code", ["person_id"], postgresql_where=sa.text("ended_at IS NULL"))


def second_factors() -> None:
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("last_step", sa.BigInteger, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="second_factor_person_id_fkey"),
        sa.PrimaryKeyConstraint("person_id", name="second_factor_pkey"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="recovery_code_person_id_fkey"),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name="recovery_code_pkey"),
    )


def resets() -> None:
    op.create_table(
        "login_reset",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("checked", ARRAY(sa.Text), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("takes_two", sa.Boolean, nullable=False),
        sa.Column("hours", sa.BigInteger, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("seconded_at", MOMENT),
        sa.Column("seconded_by", sa.Text),
        sa.Column("ready_at", MOMENT),
        sa.Column("stop_hash", sa.LargeBinary),
        sa.Column("stopped_at", MOMENT),
        sa.Column("stopped_by", sa.Text),
        sa.Column("done_at", MOMENT),
        sa.CheckConstraint("what IN ('password', 'second-factor')", name="reset_kind_known"),
        sa.CheckConstraint("cardinality(checked) > 0 AND note <> ''", name="reset_after_an_identity_check"),
        sa.CheckConstraint("what <> 'second-factor' OR takes_two", name="second_factor_reset_takes_two"),
        sa.CheckConstraint("asked_by <> 'person:' || person_id AND seconded_by <> 'person:' || person_id", name="reset_by_another"),
        sa.CheckConstraint("(seconded_at IS NULL) = (seconded_by IS NULL) AND seconded_by <> asked_by", name="seconded_by_another"),
        sa.CheckConstraint("(ready_at IS NOT NULL) = (NOT takes_two OR seconded_at IS NOT NULL)", name="cools_once_it_is_agreed"),
        sa.CheckConstraint("(stopped_at IS NULL) = (stopped_by IS NULL)", name="reset_stopped_by_someone"),
        sa.CheckConstraint("done_at IS NULL OR (stopped_at IS NULL AND done_at >= ready_at)", name="reset_done_after_cooling"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="login_reset_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="login_reset_pkey"),
        sa.UniqueConstraint("stop_hash", name="login_reset_stop_hash_key"),
    )
    op.create_index(
        "one_open_reset",
        "login_reset",
        ["person_id", "what"],
        unique=True,
        postgresql_where=sa.text("stopped_at IS NULL AND done_at IS NULL"),
    )
    cooling = op.create_table(
        "cooling_time",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("hours", sa.BigInteger, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.CheckConstraint("market IN ('TR', 'AZ', 'ES', 'HU')", name="cooling_time_market_known"),
        sa.CheckConstraint("hours BETWEEN 1 AND 720", name="cooling_time_possible"),
        sa.PrimaryKeyConstraint("market", "valid_from", "set_at", name="cooling_time_pkey"),
    )
    op.bulk_insert(cooling, [{"market": market, "hours": 24} | FROM_THE_BEGINNING for market in ("TR", "AZ", "ES", "HU")])
