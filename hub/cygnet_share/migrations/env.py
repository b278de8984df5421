"""Run by alembic: takes the steps in the transaction that it is given."""

from alembic import context

from cygnet_share import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
)
context.run_migrations()
