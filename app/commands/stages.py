"""`five-ones stages`: the limits and gates of every stage, as the office has set them, and who may move a project."""

from app.accounts import policy
from app.accounts.roles import GRANTS
from app.commands import console
from app.core.actor import Permission
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


def _holders(right: Permission) -> str:
    """Returns the names of the roles that bring a right."""
    roles = [role.say for role, grant in GRANTS.items() if right in grant.permissions]
    return "、".join(say.zh for say in roles) + " / " + ", ".join(say.en for say in roles)


def _who_moves() -> list[str]:
    """Returns who may move a project, and what must hold afterwards."""
    (move,) = policy.wanted("move_project").any_of
    return [
        "谁可移动 who moves a project",
        f"    前进 forward  {_holders(move)}",
        "        限本单位或专班承接的项目，不只是班子成员 / only where their unit or task force is in charge of it",
        f"    越过门槛 override of a gate that blocks  {_holders(Permission.override_gates)}",
        "        分离启用时，起草或改过其签约的人除外 / but, while duties are separated, nobody who drafted its deal",
        f"    开工前回退一个阶段 back by one stage, before `started`  {_holders(Permission.move_back)}",
        "    招商项目自签约起须恰有一份有效协议 / from `signed` on, promotion wants exactly one live formal deal",
    ]


def stages() -> None:
    """列出各阶段的期限、门槛与谁可移动 / print every stage with its limits and gates, and who may move a project."""

    async def work(database: Database) -> list[StageRead]:
        async with database.reading() as session:
            return await stage_table.stages(session)

    for stage in console.run(work):
        for line in _lines(stage):
            console.out.print(line, soft_wrap=True)
    for line in _who_moves():
        console.out.print(line, soft_wrap=True)
