"""The `five-ones` command. A user's mistake gets a sentence, never a traceback."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError

from app import schema
from app.core import clock, logs, office
from app.core.actor import system
from app.core.config import Settings
from app.core.db import Database
from app.main import ProductionRefused, create_app, refuse_business_day

app = typer.Typer(
    help="五个一：招商局工作系统 / the investment-promotion bureau's working system",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Answer = TypeVar("Answer")

_SHOW_PROGRESS_AFTER = 2.0


def _fail(text: str) -> NoReturn:
    err.print(text, style="red", soft_wrap=True)
    raise typer.Exit(1)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"FIVE_ONES_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        _fail("设置有误 / wrong settings:\n" + "\n".join(lines))


def _run(work: Callable[[Database], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run with a database that is reachable and migrated."""
    settings = _settings()
    settings.prepare_folder()

    async def whole() -> Answer:
        database = Database(settings, clock.system_now)
        try:
            await _require_migrated(database)
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(whole())
    except (SQLAlchemyError, OSError) as error:
        _fail(f"数据库无法使用 / the database cannot be used: {type(error).__name__}: {str(error).splitlines()[0]}")


async def _require_migrated(database: Database) -> None:
    try:
        async with database.reading() as session:
            found = await schema.current_revision(session)
    except SQLAlchemyError:
        found = None
    if found != schema.head_revision():
        _fail("数据库未迁移到当前版本，请先运行 five-ones migrate / run `five-ones migrate` first")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址 / address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口 / port", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="进程数 / processes", min=1, max=64)] = 1,
) -> None:
    """启动服务 / serve the API."""
    settings = _settings()
    logs.configure(settings)
    try:
        _run(_ready)
    except ProductionRefused as refused:
        _fail(str(refused))
    uvicorn.run(
        "app.cli:asgi",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
    )


async def _ready(database: Database) -> None:
    """What would stop the server, said before it starts; the schema has been checked."""
    if database.settings.environment == "production":
        await refuse_business_day(database)


def asgi() -> Any:
    """What each server process runs."""
    settings = Settings()
    logs.configure(settings)
    return create_app(settings)


Show = Callable[[int, int], None]


@contextmanager
def _progress(what: str) -> Iterator[Show]:
    """A bar for work that has gone on for two seconds, where somebody is looking."""
    started, task = time.monotonic(), None
    with Progress(console=out, transient=True, disable=not out.is_terminal) as bar:

        def show(done: int, total: int) -> None:
            nonlocal task
            if task is None and time.monotonic() - started > _SHOW_PROGRESS_AFTER:
                task = bar.add_task(what, total=total)
            if task is not None:
                bar.update(task, completed=done)

        yield show


@app.command()
def migrate(revision: Annotated[str, typer.Argument(help="目标版本 / revision")] = "head") -> None:
    """把数据库迁移到当前版本 / bring the schema up to date."""
    try:
        with _progress("迁移 / migrating") as show:
            schema.upgrade(_settings(), revision, show)
    except (SQLAlchemyError, OSError) as error:
        _fail(f"迁移失败，未作改动 / nothing was migrated: {type(error).__name__}: {str(error).splitlines()[0]}")
    out.print("数据库已是当前版本 / the database is up to date")


@app.command()
def sample(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="库中已有数据时跳过 / skip where there is data")] = False,
) -> None:
    """把示例城市装入空库 / load the sample city into an empty database."""
    from app.sample import load

    async def work(database: Database) -> bool:
        with _progress("装入示例 / loading") as show:
            async with database.writing() as session:
                if if_empty and not await load.is_empty(session):
                    return False
                await load.load(session, show)
        return True

    try:
        loaded = _run(work)
    except load.NotEmpty:
        _fail("数据库中已有数据，示例只装入空库 / the sample is loaded into an empty database only")
    if loaded:
        out.print("已装入示例数据，业务日 2023-03-31 / sample loaded, business day 2023-03-31")


@app.command()
def check() -> None:
    """重算全部不变量 / recompute every invariant; exits 1 naming the rows that break one."""
    from app.checks import run
    from app.checks.findings import Finding

    async def work(database: Database) -> list[Finding]:
        with _progress("核对 / checking") as show:
            async with database.snapshot() as session:
                return await run.run(session, show)

    findings = _run(work)
    for finding in findings:
        err.print(f"{finding.rule}: {finding.row}: {finding.what}", soft_wrap=True)
    if findings:
        _fail(f"{len(findings)} 处不符 / {len(findings)} found")
    out.print("全部相符 / every invariant holds")


@app.command()
def openapi(
    path: Annotated[Path | None, typer.Argument(help="写入文件，缺省为屏幕 / write to a file")] = None,
) -> None:
    """输出 OpenAPI 文档 / write the OpenAPI document."""
    text = openapi_text()
    if path is None:
        sys.stdout.write(text)
    else:
        path.write_text(text, encoding="utf-8")


def openapi_text() -> str:
    return json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@app.command("business-day")
def business_day(
    day: Annotated[str | None, typer.Argument(help="YYYY-MM-DD")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="恢复真实日期 / go back to the real day")] = False,
) -> None:
    """查看、设定或清除业务日 / show, set or clear the stored business day."""
    if day is not None and clear:
        _fail("日期与 --clear 只用其一 / a day or --clear, not both")
    try:
        wanted = date.fromisoformat(day) if day else None
    except ValueError:
        _fail("日期写作 YYYY-MM-DD / a day is written YYYY-MM-DD")

    async def work(database: Database) -> str:
        from app.events import service as events
        from app.sample.load import OFFICE

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

    out.print(_run(work))


def main() -> None:
    app()


if __name__ == "__main__":
    main()
