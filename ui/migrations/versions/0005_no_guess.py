"""A guess of how long training takes is not kept: nobody was told it

Revision: 0005, after 0004. 2026-11-22 02:50:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("gpu_lease") as batch:
        batch.drop_column("guessed")


def downgrade() -> None:
    with op.batch_alter_table("gpu_lease") as batch:
        batch.add_column(sa.Column("guessed", sa.Boolean(), nullable=False, server_default=sa.false()))
