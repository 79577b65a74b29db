"""The successor of a merged enterprise, found through any number of merges and named to every caller."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict, Invalid, refuse
from app.core.localized import Say
from app.core.records import plain
from app.enterprises.models import Enterprise


@dataclass(frozen=True, slots=True)
class EnterpriseSuccessor:
    """The enterprise at the end of a chain of merges, which takes the place of the merged one. All staff see
    enterprises."""

    id: UUID
    name: str
    credit_code: str | None

    @property
    def named(self) -> str:
        """Name and code, as both languages write them."""
        return self.name if self.credit_code is None else f"{self.name}（{self.credit_code}）"


def _chain(first: ColumnElement[bool]) -> Any:
    """Returns a subquery of the enterprises that meet `first`, those they were merged into, and so on to the last."""
    chain = select(Enterprise.id, Enterprise.merged_into_id).where(first).cte("chain", recursive=True)
    return chain.union(
        select(Enterprise.id, Enterprise.merged_into_id).join(chain, Enterprise.id == chain.c.merged_into_id)
    )


async def last_ids(session: AsyncSession, first: ColumnElement[bool]) -> list[UUID]:
    """Returns the final successors of the enterprises that meet `first`, each once; no more than two."""
    chain = _chain(first)
    return list(await session.scalars(select(chain.c.id).where(chain.c.merged_into_id.is_(None)).distinct().limit(2)))


async def find(session: AsyncSession, enterprise_id: UUID) -> EnterpriseSuccessor | None:
    """Returns the final successor of a merged enterprise, None where it was not merged."""
    chain = _chain(Enterprise.id == enterprise_id)
    query = select(Enterprise.id, Enterprise.name, Enterprise.credit_code).join(chain, Enterprise.id == chain.c.id)
    last = query.where(chain.c.merged_into_id.is_(None), Enterprise.id != enterprise_id)
    row = (await session.execute(last)).one_or_none()
    return None if row is None else EnterpriseSuccessor(row.id, row.name, row.credit_code)


def merged(successor: EnterpriseSuccessor | None) -> Conflict | None:
    """Returns the refusal of an act on a merged enterprise, naming its successor; None where it was not merged."""
    if successor is None:
        return None
    say = Say(
        f"企业已并入 {successor.named}，请在那里办理。", f"It was merged into {successor.named}; deal with that one."
    )
    return Conflict(say, code="merged_enterprise", successor=plain(successor))


async def refuse_merged(session: AsyncSession, enterprise_id: UUID, pointer: str | None = None) -> None:
    """Raises Conflict naming the successor where the enterprise was merged; Invalid of `pointer` where the body names
    it."""
    successor = await find(session, enterprise_id)
    if successor is None:
        return
    if pointer is None:
        return refuse(merged(successor))
    say = Say(
        f"这家企业已并入 {successor.named}，请改填那一家。", f"It was merged into {successor.named}; name that one."
    )
    raise Invalid(say, fields=[(pointer, "merged_enterprise", say)], successor=plain(successor))
