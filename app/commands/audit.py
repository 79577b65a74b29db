"""`five-ones audit …`: seals both logs, verifies them, prunes old security events."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from app.audit import heads, seals
from app.audit.background import seal_all
from app.audit.models import Log
from app.audit.seals import Broken, Verdict
from app.commands import console
from app.core import logs
from app.core.actor import system
from app.core.db import Database

audit = typer.Typer(help="审计日志 / the audit trail", no_args_is_help=True)

CLI = system("cli")

_MESSAGES = {
    "altered": ("被改动", "was altered"),
    "missing": ("被删除", "is missing"),
    "inserted": ("事后插入", "was inserted afterwards"),
    "from_the_future": ("编号在将来", "has an id of the future"),
    "seal_broken": ("封存记录不符", "is a seal that does not hold"),
    "pruned_too_early": ("未满保存期即清理", "is a seal whose rows were pruned too early"),
    "pruning_forged": ("有一条没有来历的清理记录", "has a pruning that nobody made"),
    "head_gone": (
        "是保存过的封存值，现已不在链上",
        "is a head kept by the server that is no link of the chain any more",
    ),
    "head_newer": (
        "是保存过的封存值，比现有日志新：若非由更早的备份恢复，即末尾被删",
        "is a kept head newer than the log: it was restored from an earlier backup, or its end was cut off",
    ),
    "not_sealed_in_time": (
        "早该封存而未封存：服务断电或被强行终止后未再运行（请运行 five-ones audit seal 补封），否则就是封存被删",
        "should be sealed by now: the server was killed and has not run since (`five-ones audit seal` seals it now), "
        "or else its seal was removed",
    ),
    "empty": ("日志为空而有账号", "the log is empty though there are users"),
    "trigger_missing": ("触发器缺失", "is a trigger that is missing"),
    "trigger_altered": ("触发器被改动", "is a trigger that was altered or switched off"),
    "trigger_added": (
        "不是本程序建立的触发器，可在留底之前改动所写的行",
        "is a trigger this program did not make: it can change rows before the log reads them",
    ),
    "head_unknown": ("这个封存值已不在链上", "is no link of the chain any more"),
}


@audit.command("seal")
def seal() -> None:
    """封存全部日志（服务运行中和停止时自动进行）/ seal all there is; a server does so as it runs and stops."""
    settings = console.read_settings()
    logs.configure(settings)
    sealed = console.run(lambda database: seal_all(database, datetime.now(UTC), open_too=True), settings)
    for log, count in sealed.items():
        console.out.print(f"{log.say.zh} {log.value}: 新封存 {count} 条 / {count} more sealed", soft_wrap=True)


@audit.command("verify")
def verify(
    head: Annotated[
        list[str] | None, typer.Option(help="以前记下的封存值，可多次 / a head noted earlier, repeatable")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / as JSON")] = False,
) -> None:
    """核对两份日志，不符则指出是哪一条并退出 1 / compare both logs with their seals; names what is wrong, exits 1."""

    async def work(database: Database) -> Verdict:
        async with database.snapshot() as session:
            settings = database.settings
            kept, allowed = heads.read(settings), seals.allowance(settings)
            return await seals.verify(session, datetime.now(UTC), tuple(head or ()), kept=kept, allowed=allowed)

    verdict = console.run(work)
    if as_json:
        console.out.print(json.dumps(_document(verdict), ensure_ascii=False), soft_wrap=True)
    else:
        _print_verdict(verdict)
    if verdict.broken:
        raise typer.Exit(1)


def _document(verdict: Verdict) -> dict[str, object]:
    return {
        "broken": [{"log": fault.log, "kind": fault.kind, "what": fault.what} for fault in verdict.broken],
        "logs": {
            log: {"sealed": verdict.sealed[log], "open": verdict.open[log], "head": verdict.heads[log][1]}
            for log in Log
        },
    }


def _print_verdict(verdict: Verdict) -> None:
    for fault in verdict.broken:
        console.err.print(_line(fault), style="red", soft_wrap=True)
    for log in Log:
        number, head = verdict.heads[log]
        zh = f"已封存 {verdict.sealed[log]} 条（{number} 段），未封存 {verdict.open[log]} 条"
        en = f"{verdict.sealed[log]} rows sealed in {number} ranges, {verdict.open[log]} not yet"
        console.out.print(f"{log.say.zh} {log.value}: {zh} / {en}\n  {head}", soft_wrap=True)
    if not verdict.broken:
        console.out.print(
            "日志完好；请把上面的封存值抄存于别处 / both logs hold; keep these heads elsewhere", soft_wrap=True
        )
        console.out.print(
            "数据库所有者若重做整条链，只有别处抄存的封存值能发现 / "
            "whoever owns the database can make a whole new chain: only a head kept elsewhere (--head) tells",
            soft_wrap=True,
        )


def _line(fault: Broken) -> str:
    zh, en = _MESSAGES[fault.kind]
    return f"{fault.log.say.zh} {fault.log.value} {fault.what}: {zh} / {en}"


@audit.command("prune")
def prune(
    days: Annotated[int, typer.Option(help="保存天数 / days to keep", min=seals.RETENTION.days)] = seals.RETENTION.days,
) -> None:
    """清理超过保存期的安全日志，业务日志从不清理 / prune old security events; business events stay."""

    async def work(database: Database) -> int:
        count = 0
        while True:
            async with database.writing() as session:
                pruned = await seals.prune(session, CLI, datetime.now(UTC), days)
            if pruned is None:
                return count
            count += pruned

    count = console.run(work)
    console.out.print(f"已清理 {count} 条 / {count} pruned", soft_wrap=True)
