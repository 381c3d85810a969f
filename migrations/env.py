"""Runs migrations in one transaction, with the role that owns the schema; imports the models only for the schema comparison."""

from alembic import context
from sqlalchemy import create_engine, pool

url = context.config.get_main_option("sqlalchemy.url")
engine = create_engine(str(url), poolclass=pool.NullPool)

with engine.connect() as connection:
    # Two hosts that start at once migrate one after the other.
    connection.exec_driver_sql("SELECT pg_advisory_lock(47530001)")
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
