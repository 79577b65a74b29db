"""Checks the status and the days of leads."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Finding
from app.core.localized import Say
from app.leads import clocks
from app.leads.models import Lead, LeadAssessment, LeadStatus
from app.projects.models import Project


async def leads_on_record(session: AsyncSession) -> list[Finding]:
    """Checks that the status of each lead is that of its last assessment, or `converted` where it has a project."""
    last = (
        select(LeadAssessment.outcome)
        .where(LeadAssessment.lead_id == Lead.id)
        .order_by(LeadAssessment.recorded_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    project = select(Project.code).where(Project.lead_id == Lead.id).scalar_subquery()
    rows = await session.execute(
        select(Lead.code, Lead.status, last.label("outcome"), project.label("project")).order_by(Lead.code)
    )
    findings = []
    for row in rows:
        right = LeadStatus.converted if row.project else LeadStatus(row.outcome or LeadStatus.registered)
        if row.status is not right:
            say = Say(
                f"记为{row.status.say.zh}，应为{right.say.zh}", f"is {row.status.say.en}, should be {right.say.en}"
            )
            findings.append(Finding("lead", f"lead {row.code}", say))
    return findings


async def lead_days(session: AsyncSession) -> list[Finding]:
    """Checks that the days stored on a lead are those that its limits and the working calendar give."""
    differing = {lead_id: right for lead_id, (_, right) in (await clocks.differing(session)).items()}
    codes = {}
    if differing:
        rows = await session.execute(select(Lead.id, Lead.code).where(Lead.id.in_(list(differing))))
        codes = {row.id: row.code for row in rows}
    return [
        Finding("lead_days", f"lead {code}", Say(f"时限应为 {differing[lead_id]}", f"should be {differing[lead_id]}"))
        for lead_id, code in codes.items()
    ]
