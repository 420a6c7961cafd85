"""Runs, and the networks in them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTS = (
    "params", "trainable", "kernels", "deployed_params", "macs", "flops", "weight_bytes", "traffic_bytes",
    "peak_activation_bytes", "weight_bytes_int8", "peak_activation_bytes_int8", "arena_bytes", "arena_bytes_int8",
    "flash_bytes", "file_bytes",
)  # fmt: skip


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "costlens_run",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("costlens", sa.Text, nullable=False),
        sa.Column("commit_hash", sa.Text, nullable=False),
        sa.Column("dirty", sa.Boolean, nullable=False),
        sa.Column("exit_code", sa.Integer, nullable=False),
        sa.Column("schema", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "costlens_entry",
        sa.Column("run", _NUMBER, sa.ForeignKey("costlens_run.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("knobs", sa.Text, nullable=False),
        sa.Column("variant", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("examples", sa.Integer, nullable=False),
        sa.Column("runtime", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("threads", sa.Integer),
        sa.Column("batch", sa.Integer),
        sa.Column("precision", sa.Text, nullable=False),
        sa.Column("statistic", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("machine", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in _COUNTS),
        sa.Column("latency_ms", sa.Double),
        sa.Column("low_ms", sa.Double),
        sa.Column("high_ms", sa.Double),
        sa.Column("confidence", sa.Double),
        sa.Column("too_noisy", sa.Boolean, nullable=False),
    )
    op.create_index("costlens_entry_name", "costlens_entry", ["name", "variant"])


def downgrade() -> None:
    """Remove both tables."""
    op.drop_table("costlens_entry")
    op.drop_table("costlens_run")
