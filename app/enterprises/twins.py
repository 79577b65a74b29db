"""Two enterprises of one name may be the same: the second is refused until somebody rules why it is another."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.codes import one_at_a_time
from app.core.errors import Conflict
from app.core.localized import Say
from app.core.records import plain
from app.enterprises import successors
from app.enterprises.models import Enterprise

_SHOWN = 20


class EnterpriseTwins(Conflict):
    """Refused until somebody rules; the error lists the enterprises of that name."""

    code = "enterprise_twins"
    title = Say("企业同名", "An enterprise of that name")


@dataclass(frozen=True, slots=True)
class EnterpriseNamed:
    """An enterprise with the name in question. All staff see enterprises."""

    id: UUID
    name: str
    credit_code: str | None
    registration_no: str | None

    @property
    def described(self) -> str:
        number = self.credit_code or self.registration_no
        return self.name if number is None else f"{self.name}（{number}）"


def listed(enterprises: Sequence[EnterpriseNamed]) -> Say:
    return Say(
        "、".join(enterprise.described for enterprise in enterprises),
        ", ".join(enterprise.described for enterprise in enterprises),
    )


async def hold_names(session: AsyncSession) -> None:
    """Takes the lock for naming enterprises: until this transaction ends, no other can name one. Call it before
    locking the row of any enterprise."""
    await one_at_a_time(session, "enterprises")


async def named(session: AsyncSession, key: str, but_id: UUID | None = None) -> list[EnterpriseNamed]:
    """Returns the enterprises with that name key that were not merged, the earliest first."""
    query = select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.registration_no)
    query = query.where(Enterprise.name_normalized == key, Enterprise.merged_into_id.is_(None))
    if but_id is not None:
        query = query.where(Enterprise.id != but_id)
    rows = await session.execute(query.order_by(Enterprise.created_at, Enterprise.id).limit(_SHOWN))
    return [EnterpriseNamed(*row) for row in rows]


async def by_ids(session: AsyncSession, ids: Sequence[UUID]) -> list[EnterpriseNamed]:
    query = select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.registration_no)
    rows = await session.execute(query.where(Enterprise.id.in_(ids)).order_by(Enterprise.id))
    return [EnterpriseNamed(*row) for row in rows]


async def _absorbed(session: AsyncSession, key: str, but_id: UUID | None) -> list[EnterpriseNamed]:
    """Returns the successors of the merged enterprises with that name key."""
    merged = (Enterprise.name_normalized == key) & Enterprise.merged_into_id.is_not(None)
    successor_ids = await successors.last_ids(session, merged)
    return await by_ids(session, [enterprise_id for enterprise_id in successor_ids if enterprise_id != but_id])


async def refuse(session: AsyncSession, key: str, but_id: UUID | None = None) -> None:
    """Raises EnterpriseTwins where another enterprise has the name, or had it before it was merged. The caller holds
    the lock on names."""
    enterprises, finding = await named(session, key, but_id), Say("已有同名企业", "There is an enterprise of that name")
    if not enterprises:
        enterprises = await _absorbed(session, key, but_id)
        finding = Say("这个名称的企业已并入", "An enterprise of that name was merged into")
    if not enterprises:
        return
    names = listed(enterprises)
    raise EnterpriseTwins(
        Say(
            f"{finding.zh}：{names.zh}。请用已有的记录；确是另一家的，请在 twin_ruling 写明理由。",
            f"{finding.en}: {names.en}. Use that record; if this is another, say why in `twin_ruling`.",
        ),
        candidates=[plain(enterprise) for enterprise in enterprises],
    )
