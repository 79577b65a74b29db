"""Unmasks a person's phone and mail address: for a stated purpose, with a right, a rate limit and a security event."""

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import rate_limits, trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core.actor import Actor, Permission
from app.core.body import body
from app.core.localized import Say, Word

MOST_AN_HOUR = 60


class Purpose(Word):
    """Why somebody unmasks. A code, because the log must not hold free text about people."""

    negotiate = "negotiate", "项目洽谈", "to negotiate a project"
    invite = "invite", "邀请参加活动", "to invite to an event"
    verify = "verify", "核实信息", "to verify what is on record"
    help_enterprise = "help_enterprise", "为企业办事", "to help the enterprise"
    asked_by_person = "asked_by_person", "本人要求", "because the person asked"
    required_by_law = "required_by_law", "依法提供", "because the law requires it"


class Unmask(BaseModel):
    model_config = body({"purpose": "negotiate"})

    purpose: Purpose


class Unmasked(BaseModel):
    """Phone and mail address in full. The security log records who looked, when and why."""

    name: str
    phone: str | None
    email: str | None


async def note(session: AsyncSession, actor: Actor, subject: Subject, purpose: Purpose) -> None:
    """Records an unmasking. Raises Forbidden without the right, TooMany beyond 60 people an hour."""
    actor.require(Permission.unmask)
    say = Say(f"一小时最多查看 {MOST_AN_HOUR} 人。", f"At most {MOST_AN_HOUR} people an hour.")
    await rate_limits.require_serialized(
        session, actor, SecurityEventType.unmasked, MOST_AN_HOUR, say, "unmasked_too_often"
    )
    await trail.record(session, actor, SecurityEventType.unmasked, subject, {"purpose": purpose.value})
