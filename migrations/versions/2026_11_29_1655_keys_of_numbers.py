"""Numbers of agreements and vouchers, phones and referrers have keys

The columns stay empty here: `five-ones migrate` fills them after the last revision, for what makes a key is code.

Revision ID: 2026112911
Revises: 20261129152
"""

import sqlalchemy as sa
from alembic import op

revision = "2026112911"
down_revision = "20261129152"
branch_labels = None
depends_on = None

COLUMNS = (
    ("deals", "agreement_key"),
    ("enterprise_contacts", "phone_key"),
    ("referrers", "name_normalized"),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, sa.Column(column, sa.String(length=200), nullable=True))
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_table(
        "standing_vouchers",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("number_key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_standing_vouchers_evidence_id")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_standing_vouchers")),
        sa.UniqueConstraint("number_key", name=op.f("uq_standing_vouchers_number_key")),
    )


def downgrade() -> None:
    op.drop_table("standing_vouchers")
    for table, column in reversed(COLUMNS):
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.drop_column(table, column)
