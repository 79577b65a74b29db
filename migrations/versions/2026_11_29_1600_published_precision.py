"""Published figures say what their amounts were rounded to

Revision ID: 20261129131
Revises: 2026112913
"""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "20261129131"
down_revision = "2026112913"
branch_labels = None
depends_on = None

NO_FKS = {"resolve_fks": False}
STEPS_FEN = (1_000_000_000, 100_000_000, 1_000_000, 100, 1)
"""0.1 亿元, 0.01 亿元, 万元, 元, 分."""
HAS_AMOUNT = "(precision IS NOT NULL) = (amount IS NOT NULL OR planned_this_year IS NOT NULL)"


def _fill() -> None:
    """0.1 亿元, or finer where an amount itself is."""
    names = ("id", "amount", "planned_this_year", "precision")
    figures = sa.table("published_figures", *(sa.column(name) for name in names))
    rows = op.get_bind().execute(sa.select(figures.c.id, figures.c.amount, figures.c.planned_this_year)).all()
    steps = []
    for row in rows:
        amounts = [fen for fen in (row.amount, row.planned_this_year) if fen is not None]
        if amounts:
            step = next(step for step in STEPS_FEN if all(fen % step == 0 for fen in amounts))
            steps.append({"row": row.id, "step": step})
    if steps:
        one = figures.update().where(figures.c.id == sa.bindparam("row")).values(precision=sa.bindparam("step"))
        op.get_bind().execute(one, steps)


def upgrade() -> None:
    append_only.unprotect("published_figures")
    op.add_column("published_figures", sa.Column("precision", sa.BigInteger(), nullable=True))
    _fill()
    with op.batch_alter_table("published_figures", reflect_kwargs=NO_FKS) as figures:
        figures.create_check_constraint(op.f("ck_published_figures_precision_of_amounts"), HAS_AMOUNT)
        figures.create_check_constraint(op.f("ck_published_figures_precision_positive"), "precision > 0")
    append_only.protect("published_figures")


def downgrade() -> None:
    append_only.unprotect("published_figures")
    with op.batch_alter_table("published_figures", reflect_kwargs=NO_FKS) as figures:
        figures.drop_constraint(op.f("ck_published_figures_precision_positive"), type_="check")
        figures.drop_constraint(op.f("ck_published_figures_precision_of_amounts"), type_="check")
        figures.drop_column("precision")
    append_only.protect("published_figures")
