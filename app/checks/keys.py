"""Keys of names and numbers against what the code makes of them now."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import stored_keys
from app.checks.findings import Finding
from app.core.say import Say


async def keys_are_current(session: AsyncSession) -> list[Finding]:
    """A stale key hides a duplicate, or finds one that is none."""
    say = Say("查重键已过时，请运行 five-ones migrate", "its key is stale; run `five-ones migrate`")
    return [Finding("key", f"{one.kept.model.__tablename__} {one.id}", say) async for one in stored_keys.stale(session)]
