"""
One throw-away PostgreSQL for the whole run (the embedded one, or the server of ``GISE_DATABASE_URL``),
a migrated template in it, and a fresh copy of the template for every test that asks for a database.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from app import clock, create_app, db, migrate
from app.config import Config
from app.people import passwords
from launch.postgres import SUPERUSER, Cluster
from tests.pages import LookingClient

SERVER, TEMPLATE = "GISE_TEST_SERVER", "GISE_TEST_TEMPLATE"
_at_the_end = ExitStack()

# How long one example takes says more about the machine than about us.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    server = os.environ.get("GISE_DATABASE_URL") or _at_the_end.enter_context(embedded())
    template = f"gise_template_{secrets.token_hex(4)}"
    administer(server, f"CREATE DATABASE {template}")
    _at_the_end.callback(administer, server, f"DROP DATABASE {template}")
    migrate.upgrade(with_database(server, template))
    os.environ |= {SERVER: server, TEMPLATE: template}


def pytest_unconfigure(config: pytest.Config) -> None:
    _at_the_end.close()


@contextmanager
def embedded() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="gise-test-"))
    cluster = Cluster.below(folder, throw_away=True)
    try:
        with cluster.running(folder / "postgres.log"):
            yield cluster.url(SUPERUSER, "postgres")
    finally:
        shutil.rmtree(cluster.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/" + name))


@dataclass(frozen=True)
class Database:
    """:ivar url: as the owner of the schema; the product itself signs in with its own role"""

    url: str
    config: Config


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A database of this test process alone."""
    server, name = os.environ[SERVER], f"gise_{secrets.token_hex(6)}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {os.environ[TEMPLATE]}")
    url = with_database(server, name)
    with psycopg.connect(url) as connection:
        connection.execute(KEEP_FIRST_ROWS)
    yield url
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The schema as the migrations left it, and the product connected to it. Emptied before the test: after a failure it can be looked at."""
    with psycopg.connect(database_url) as connection:
        connection.execute(EMPTY)
    config = settings_for(database_url)
    db.connect(config)
    clock.start(None)
    yield Database(database_url, config)
    db.disconnect()


def settings_for(database_url: str) -> Config:
    return Config.from_environment({"GISE_ENV": "development", "GISE_DATABASE_URL": database_url})


# What migrations themselves insert (rates, hours) is kept aside …
KEEP_FIRST_ROWS = """
DO $$
DECLARE t text; filled boolean;
BEGIN
    CREATE SCHEMA first_rows;
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE first_rows.%I AS TABLE public.%I', t, t);
        END IF;
    END LOOP;
END
$$
"""

# … and put back. Rows are deleted, for a few of them cost less than new files; a table that grew is truncated.
EMPTY = """
DO $$
DECLARE t text; g record; grown text := '';
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR g IN SELECT tgrelid::regclass AS tab, tgname FROM pg_trigger WHERE tgname LIKE '%_is_for_ever' LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', g.tab, g.tgname);
    END LOOP;
    FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version' LOOP
        IF pg_relation_size(format('public.%I', t)) > 500000 THEN
            grown := grown || format(', public.%I', t);
        ELSIF pg_relation_size(format('public.%I', t)) > 0 THEN
            EXECUTE format('DELETE FROM public.%I', t);
        END IF;
    END LOOP;
    IF grown <> '' THEN
        EXECUTE 'TRUNCATE ' || substr(grown, 3) || ' CASCADE';
    END IF;
    FOR g IN SELECT tgrelid::regclass AS tab, tgname FROM pg_trigger WHERE tgname LIKE '%_is_for_ever' LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', g.tab, g.tgname);
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL;
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'first_rows' LOOP
        EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE TABLE first_rows.%I', t, t);
    END LOOP;
    FOR g IN SELECT attrelid::regclass AS tab, attname AS col FROM pg_attribute WHERE attidentity <> '' AND attrelid IN
        (SELECT format('public.%I', tablename)::regclass FROM pg_tables WHERE schemaname = 'first_rows') LOOP
        EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), max(%I)) FROM %s', g.tab, g.col, g.col, g.tab);
    END LOOP;
END
$$
"""


@pytest.fixture(scope="session")
def the_app(database_url: str) -> Flask:
    """Put together once in each test process."""
    return create_app(settings_for(database_url))


@pytest.fixture
def app(the_app: Flask, database: Database) -> Iterator[Flask]:
    """The whole web application on this test's database; its clients look at every page they fetch."""
    settings = dict(the_app.config)
    the_app.testing = False  # errors become answers, as they do for people
    the_app.test_client_class = LookingClient
    yield the_app
    the_app.config.clear()
    the_app.config.update(settings)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """What a guess costs is not what the tests look at."""
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
