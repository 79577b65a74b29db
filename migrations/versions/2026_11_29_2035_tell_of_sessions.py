"""Each session and known browser is told of by a sealed event

Of those from before no event says enough: everybody signs in again.

Revision ID: 20261129201
Revises: 2026112920
"""

from alembic import op

revision = "20261129201"
down_revision = "2026112920"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM sessions")
    op.execute("DELETE FROM known_devices")


def downgrade() -> None:
    """They stay told of."""
