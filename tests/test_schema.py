"""The models and the migrations describe the same schema, constraints and indexes included."""

import os
import secrets

import psycopg

import app.timetable
from app import create_app, db, migrate
from tests.conftest import SERVER, Database, administer, with_database

CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n' ORDER BY 1, 2
"""
INDEXES = (
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2"
)
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2
"""


def describe(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        found = {
            name: connection.execute(question).fetchall()
            for name, question in (("constraints", CONSTRAINTS), ("indexes", INDEXES), ("columns", COLUMNS))
        }
    found["constraints"] = [row for row in found["constraints"] if row[0] != "alembic_version"]
    return found


def test_models_and_migrations_agree(database: Database) -> None:
    assert app.timetable
    create_app(database.config)  # every room has loaded its tables
    server, name = os.environ[SERVER], f"gise_models_{secrets.token_hex(4)}"
    administer(server, f"CREATE DATABASE {name}")
    try:
        engine = db.make_engine(with_database(server, name), role=None)
        db.Base.metadata.create_all(engine)
        engine.dispose()
        assert describe(with_database(server, name)) == describe(database.url)
    finally:
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_migrations_run_again_change_nothing(database: Database) -> None:
    """B32"""
    before = describe(database.url)
    migrate.upgrade(database.url)
    assert migrate.pending(database.url) == []
    assert describe(database.url) == before
