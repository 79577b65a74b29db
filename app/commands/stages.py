"""`five-ones stages`: the limits and gates of every stage, as the office has set them."""

from app.commands import console
from app.core.db import Database
from app.office import stages as stage_table
from app.office.schemas import LimitRead, StageRead


def _program(for_promotion: bool, for_construction: bool) -> str:
    if for_promotion and for_construction:
        return ""
    return "  仅招商 promotion only" if for_promotion else "  仅项目建设 construction only"


def _limit(limit: LimitRead) -> str:
    say = limit.kind.say
    if limit.amount is None or limit.unit is None:
        return f"{say.zh} {say.en}"
    return f"{say.zh} {limit.amount} {limit.unit.say.zh} / {say.en}: {limit.amount} {limit.unit.say.en}"


def _lines(stage: StageRead) -> list[str]:
    skippable = "  可跳过 skippable" if stage.is_skippable else ""
    lines = [
        f"{stage.code}  {stage.name_zh}  {stage.name_en}{skippable}"
        + _program(stage.for_promotion, stage.for_construction)
    ]
    lines += [f"    期限 limit  {_limit(limit)}" for limit in stage.limits]
    for gate in stage.gates:
        say = gate.strictness.say
        fixed = "，不可放宽 / fixed" if gate.is_fixed else ""
        program = _program(gate.for_promotion, gate.for_construction)
        lines.append(f"    {say.zh} {say.en}  {gate.code}  {gate.zh}  {gate.en}{fixed}{program}")
    return lines


def stages() -> None:
    """列出各阶段的期限与门槛 / print every stage with its limits and gates."""

    async def work(database: Database) -> list[StageRead]:
        async with database.reading() as session:
            return await stage_table.stages(session)

    for stage in console.run(work):
        for line in _lines(stage):
            console.out.print(line, soft_wrap=True)
