"""Run the migrations on the connection that grader.server.store.database hands over."""

from alembic import context

from grader.server.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite can't alter most things in place
)
context.run_migrations()
