"""Bringing the schema to the newest migration. Used by ``flask db upgrade``, by ``./gise run`` and by the tests."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def alembic_config(url: str) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", with_driver(url).replace("%", "%%"))
    return config


def upgrade(owner_url: str) -> None:
    """To the newest migration, in one transaction; safe to run again and from several hosts at once."""
    command.upgrade(alembic_config(owner_url), "head")


def pending(url: str) -> list[str]:
    """The numbers of the migrations that this database still lacks."""
    script = ScriptDirectory.from_config(alembic_config(url))
    with create_engine(with_driver(url), poolclass=pool.NullPool).connect() as connection:
        done = MigrationContext.configure(connection).get_current_revision()
    return [revision.revision for revision in script.walk_revisions() if done is None or revision.revision > done][::-1]


def with_driver(url: str) -> str:
    """SQLAlchemy's spelling of a PostgreSQL address, with the driver we use."""
    return "postgresql+psycopg://" + url.partition("://")[2]
