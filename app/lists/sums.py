"""Sums under a list. They count leaves that are neither merged nor terminated, for each pool by itself: the amounts of
the two pools are never added up, and a project of both programs is in both. What is left out is counted beside."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, func, select

from app.core.money import Yuan, yi
from app.projects.models import Pool, Project, Status


class PoolSum(BaseModel):
    """The leaves of one pool that are neither merged nor terminated."""

    pool: Pool
    count: int
    planned_total: Yuan = Field(description="计划总投资之和（元）/ in yuan")
    planned_total_yi: str = Field(description="亿元，仅供显示 / in 100 million yuan, for display only")
    without_amount: int = Field(description="其中未填投资额的 / of these, without an amount")


class LeftOut(BaseModel):
    """Rows of the filter that no sum counts."""

    parents: int = Field(description="分期项目的总项目，由各期计入 / parents, whose phases are counted")
    terminated: int
    merged: int


class Sums(BaseModel):
    sum: list[PoolSum]
    left_out: LeftOut


def grouped(conditions: Iterable[ColumnElement[bool]], *keys: Any) -> Select[*tuple[Any, ...]]:
    """Selects counts and amounts by these keys and by what `read` tells apart."""
    return (
        select(
            *keys,
            Project.program,
            Project.is_parent,
            Project.status,
            func.count().label("n"),
            func.sum(Project.planned_total).label("planned_total"),
            (func.count() - func.count(Project.planned_total)).label("without_amount"),
        )
        .where(*conditions)
        .group_by(*keys, Project.program, Project.is_parent, Project.status)
    )


def count(rows: Iterable[Any]) -> int:
    """Returns the number of projects in rows of `grouped`, those that no sum counts included."""
    return sum(row.n for row in rows)


def read(rows: Iterable[Any]) -> Sums:
    """Returns the sums of rows of `grouped`. A pool without projects is left out."""
    left_out = dict.fromkeys(("parents", "terminated", "merged"), 0)
    sums: dict[Pool, tuple[int, Decimal, int]] = {}
    for row in rows:
        if row.is_parent:
            left_out["parents"] += row.n
        elif row.status in (Status.terminated, Status.merged):
            left_out[row.status.value] += row.n
        else:
            for pool in [pool for pool in Pool if row.program in pool.programs]:
                n, planned_total, without_amount = sums.get(pool, (0, Decimal(0), 0))
                amount = row.planned_total or Decimal(0)
                sums[pool] = (n + row.n, planned_total + amount, without_amount + row.without_amount)
    return Sums(
        sum=[_sum(pool, *sums[pool]) for pool in Pool if pool in sums],
        left_out=LeftOut(**left_out),
    )


def _sum(pool: Pool, count: int, planned_total: Decimal, without_amount: int) -> PoolSum:
    return PoolSum(
        pool=pool,
        count=count,
        planned_total=planned_total,
        planned_total_yi=yi(planned_total),
        without_amount=without_amount,
    )
