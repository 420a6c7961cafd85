"""What alembic runs to change a schema, on the connection that it is handed."""

from alembic import context

from costlens.storage.history.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
