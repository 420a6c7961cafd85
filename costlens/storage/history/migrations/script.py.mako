"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the newer schema of the older one."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Make the older schema of the newer one."""
    ${downgrades if downgrades else "pass"}
