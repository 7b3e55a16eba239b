"""Alembic runs this file for every command. It works on the connection that `ui.migrations` hands over.

For a new revision: `python -m ui.migrations "what changes"`.
"""

from alembic import context
from sqlmodel import SQLModel

import feedback.tables  # noqa: F401 - importing declares the tables
import training.tables  # noqa: F401

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    # SQLite cannot alter most things in place; batch mode copies the table.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
