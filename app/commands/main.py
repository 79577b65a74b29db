"""The `five-ones` command. A mistake of the user prints a message, never a traceback."""

import asyncio
import errno
import json
import os
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from alembic.util.exc import CommandError
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app import job_registry as kinds
from app import schema, serving
from app.accounts import service as users_service
from app.audit.background import seal_all
from app.commands import console
from app.commands.audit import audit
from app.commands.stages import stages
from app.commands.users import api_tokens, users
from app.core import clock, logs, office
from app.core.actor import system
from app.core.clock import Day
from app.core.config import Settings, is_loopback
from app.core.db import Database
from app.core.messages import message
from app.main import create_app
from app.production_checks import ProductionRefused, open_files, refuse_production

app = typer.Typer(
    help="五个一：招商局工作系统 / the investment-promotion bureau's working system",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(audit, name="audit")
app.add_typer(users, name="user")
app.add_typer(api_tokens, name="token")
app.command()(stages)


def _require_port(host: str, port: int) -> None:
    """Raises Exit with a message where the port cannot be used."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        zh, en = (
            ("已被其他程序占用", "is taken")
            if is_taken
            else (f"不可用（{error.strerror}）", f"cannot be used ({error})")
        )
        console.fail(f"{host} 的端口 {port} {zh}，请换一个 / port {port} of {host} {en}; choose another")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址 / address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口 / port", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="进程数 / processes", min=1, max=64)] = 1,
    worker: Annotated[
        bool | None, typer.Option("--worker/--no-worker", help="在服务进程内做后台任务 / do jobs in here too")
    ] = None,
) -> None:
    """启动服务 / serve the API."""
    if worker is not None:
        os.environ["FIVE_ONES_WORKER"] = str(worker)  # the server processes read it
    settings = console.read_settings()
    logs.configure(settings)
    logs.capture_libraries(settings)
    try:
        has_users = console.run(_ready, settings)
    except ProductionRefused as refused:
        console.fail(str(refused))
    _warn(settings, host)
    _require_port(host, port)
    shown = f"[{host}]" if ":" in host else host
    console.err.print(f"监听 / listening on http://{shown}:{port} （Ctrl-C 停止 / stops it）", soft_wrap=True)
    if not has_users:
        hint = "还没有账号，请运行 five-ones user bootstrap / there is no account yet; run `five-ones user bootstrap`"
        console.err.print(hint, style="yellow", soft_wrap=True)
    raise typer.Exit(serving.serve(create_app(settings), settings, host, port, workers))


def _warn(settings: Settings, host: str) -> None:
    """Prints warnings about unsafe settings that do not prevent the start outside production."""
    warnings = []
    if settings.environment != "production" and not is_loopback(host):
        warnings.append(
            f"未设 FIVE_ONES_ENVIRONMENT=production 而监听 {host}：口令以明文传送，仅供试用 / listening on {host} "
            "without FIVE_ONES_ENVIRONMENT=production: passwords travel in clear text; for trying out alone"
        )
    if opened := open_files(settings, group_too=True):
        warnings.append(
            f"其他用户可读写数据库文件：{opened}；请运行 chmod 600 / "
            f"others can read or write files of the database: {opened}; run `chmod 600` on them"
        )
    for line in warnings:
        console.err.print(line, style="bold red", soft_wrap=True)


async def _ready(database: Database) -> bool:
    """Returns whether there is an account. Raises ProductionRefused where production must not start."""
    if database.settings.environment == "production":
        await refuse_production(database)
    async with database.reading() as session:
        return await users_service.is_anybody(session)


@app.command("worker")
def run_worker() -> None:
    """只做后台任务，不提供服务；可同时运行多个 / do jobs and serve nothing; any number may run."""
    settings = console.read_settings()
    logs.configure(settings)
    logs.capture_libraries(settings)

    async def work(database: Database) -> None:
        if settings.environment == "production":
            await refuse_production(database)
        background = kinds.Background(database)
        background.start()
        is_stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, is_stopping.set)
        console.err.print(f"任务进程 / worker {background.worker.name}（Ctrl-C 停止 / stops it）", soft_wrap=True)
        await is_stopping.wait()
        await background.stop()

    try:
        console.run(work, settings, is_shared=True)
    except ProductionRefused as refused:
        console.fail(str(refused))


@app.command()
def migrate(revision: Annotated[str, typer.Argument(help="目标版本 / revision")] = "head") -> None:
    """把数据库迁移到当前版本 / bring the schema up to date."""
    settings = console.read_settings()
    try:
        before = _current_revision(settings)
        if before is not None and not schema.knows(before):
            console.require_migrated(before)
        with console.progress("迁移 / migrating") as show:
            renewed = schema.upgrade(settings, revision, show)
        after = _current_revision(settings)
        if after == schema.head_revision() and (renewed or before != after):
            console.run(
                lambda database: seal_all(database, datetime.now(UTC), open_too=True, logs_heads=False), settings
            )
    except CommandError as error:
        console.fail(f"没有这个版本 / no such revision: {revision} ({error})")
    except (SQLAlchemyError, OSError) as error:
        console.unusable(settings, error)
    where = f"{settings.shown_url}"
    if renewed:
        console.out.print(f"重新计算了 {renewed} 个查重键和检索条目 / {renewed} keys and index entries made anew")
    if before == after:
        console.out.print(
            f"数据库已是 {after}，未作改动 / already at {after}, nothing changed: {where}", soft_wrap=True
        )
    else:
        zh, en = (f"原为 {before}", f"was {before}") if before else ("原为空库", "was empty")
        console.out.print(f"数据库已迁移到 {after}（{zh}）/ migrated to {after} ({en}): {where}", soft_wrap=True)


def _current_revision(settings: Settings) -> str | None:
    if settings.sqlite_file is not None and not settings.sqlite_file.is_file():
        return None

    async def whole() -> str | None:
        database = Database(settings, clock.system_now, is_shared=False)
        try:
            return await console.revision(database)
        finally:
            await database.close()

    return asyncio.run(whole())


@app.command()
def sample(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="库中已有数据时跳过 / skip where there is data")] = False,
) -> None:
    """把示例城市装入空库 / load the sample city into an empty database."""
    from app.sample import load

    settings = console.read_settings()
    if settings.environment == "production":
        console.fail(
            "生产环境不装示例；要看示例请设 FIVE_ONES_ENVIRONMENT=development 并换用空库 / the sample is not loaded in "
            "production; set FIVE_ONES_ENVIRONMENT=development and use an empty database"
        )

    async def work(database: Database) -> tuple[bool, int | None]:
        with console.progress("装入示例 / loading") as show:
            async with database.writing() as session:
                is_loaded = await load.is_empty(session)
                if is_loaded or not if_empty:
                    await load.load(session, show)
                return is_loaded, await load.edition(session)

    try:
        is_loaded, edition = console.run(work, settings)
    except load.NotEmpty:
        console.fail("数据库中已有数据，示例只装入空库 / the sample is loaded into an empty database only")
    if is_loaded:
        console.out.print("已装入示例数据，业务日 2023-03-31 / sample loaded, business day 2023-03-31")
    else:
        console.out.print("已有数据，未装示例 / data present, sample skipped")
    if edition is not None and edition < load.EDITION:
        _say_how_to_renew(settings)
    _show_accounts(settings)


def _say_how_to_renew(settings: Settings) -> None:
    file = settings.sqlite_file
    zh, en = ("换用空库", "use an empty database") if file is None else (f"删除 {file}*", f"remove {file}*")
    console.err.print(
        f"库中的示例是较早的版本。要更新：停止服务，{zh}，再运行 make run（其中登记的数据随之删除）/ "
        "the sample here is of an earlier edition. "
        f"To renew it: stop the server, {en}, then `make run`; what was entered is gone with it",
        style="yellow",
        soft_wrap=True,
    )


def _show_accounts(settings: Settings) -> None:
    """Prints the accounts of the sample with their passwords, from the files beside the database or made again."""
    from app.sample import accounts

    folder = settings.sqlite_file.parent if settings.sqlite_file is not None else Path("var")
    stored = accounts.read(folder)

    async def work(database: Database) -> accounts.Access | None:
        async with database.reading() as session:
            if not await accounts.is_sample(session):
                return None
            if stored is not None and await accounts.is_valid(session, stored):
                return stored
        async with database.writing() as session:
            return await accounts.issue(session)

    access = console.run(work, settings)
    if access is None:
        return
    if access is not stored:
        try:
            accounts.write(folder, access)
        except OSError as error:
            console.err.print(f"未能写入 / could not write to {folder}: {error}", style="yellow", soft_wrap=True)
    console.out.print(f"示例账号（口令和只读令牌存于 {folder}）Accounts of the sample (kept in {folder}):")
    for name, role in accounts.roles().items():
        console.out.print(f"  {name:<20}{access.passwords[name]:<16}{role.say.zh} {role.say.en}")


@app.command()
def check() -> None:
    """核对全部数据，不符则退出 1 / recompute every invariant; 1 if broken."""
    from app.checks import run
    from app.checks.findings import Finding

    async def work(database: Database) -> list[Finding]:
        with console.progress("核对 / checking") as show:
            async with database.snapshot() as session:
                return await run.run(session, show)

    findings = console.run(work)
    for finding in findings:
        mark = "提示 notice: " if finding.is_notice else ""
        console.err.print(f"{mark}{finding.rule}: {finding.row}: {finding.what.zh} / {finding.what.en}", soft_wrap=True)
    if broken := [finding for finding in findings if not finding.is_notice]:
        console.fail(f"{len(broken)} 处不符 / {len(broken)} found")
    console.out.print("全部相符 / every invariant holds")
    console.out.print(
        "与日志相符，不等于日志可信：请同时运行 five-ones audit verify，并把封存值抄存于数据库所有者改不到的地方 / "
        "the rows are as good as the log: run `five-ones audit verify` too, and keep its heads where the owner of the "
        "database cannot write",
        soft_wrap=True,
    )


@app.command("erase-expired")
def erase_expired() -> None:
    """删除保存期已过的联系人 / delete the contacts that may be kept no longer."""
    from app.leads import personal

    async def work(database: Database) -> int:
        async with database.writing() as session:
            return await personal.erase_expired(session, system("cli"))

    count = console.run(work)
    console.out.print(f"已删除 {count} 位联系人 / {count} contacts deleted")


@app.command()
def openapi(
    path: Annotated[Path | None, typer.Argument(help="写入文件，缺省为屏幕 / write to a file")] = None,
) -> None:
    """输出 OpenAPI 文档 / write the OpenAPI document."""
    text = openapi_text(console.read_settings())
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        console.fail(f"无法写入 {path} / cannot write {path}: {error.strerror}")


def openapi_text(settings: Settings) -> str:
    return json.dumps(create_app(settings).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@app.command("business-day")
def business_day(
    day: Annotated[str | None, typer.Argument(help="YYYY-MM-DD")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="恢复真实日期 / go back to the real day")] = False,
) -> None:
    """查看、设定或清除业务日 / show, set or clear the stored business day."""
    if day is not None and clear:
        console.fail("日期与 --clear 只用其一 / a day or --clear, not both")
    settings = console.read_settings()
    if day is not None and settings.environment == "production":
        console.fail("生产环境不设业务日，只能清除 / production takes no business day; it can only be cleared")
    try:
        wanted = None if day is None else TypeAdapter(Day).validate_python(day)
    except ValidationError as error:
        say = message(error.errors()[0]["type"], None)
        console.fail(f"{say.zh} / {say.en}")

    async def work(database: Database) -> str:
        from app.accounts.office_settings import OFFICE
        from app.events import service as events

        if wanted is None and not clear:
            async with database.reading() as session:
                stored = await office.stored_business_day(session)
                return f"{await clock.today(session)}" + ("（已设定 / stored）" if stored else "")
        async with database.writing() as session:
            before = await office.stored_business_day(session)
            await office.put(session, office.BUSINESS_DAY, wanted.isoformat() if wanted else None)
            data = {"business_day": [str(before) if before else None, str(wanted) if wanted else None]}
            await events.note(session, system("cli"), "office.business_day_set", "office", OFFICE, data)
            return f"{await clock.today(session)}"

    console.out.print(console.run(work, settings))


def main() -> None:
    app()


if __name__ == "__main__":
    main()
