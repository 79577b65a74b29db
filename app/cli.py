"""The `five-ones` command. A user's mistake gets a sentence, never a traceback."""

import asyncio
import errno
import json
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvicorn
from alembic.util.exc import CommandError
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app import schema
from app.core import clock, logs, office
from app.core.actor import system
from app.core.clock import Day
from app.core.config import Settings, unknown_variables
from app.core.db import Database
from app.core.messages import message
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
    if unknown := unknown_variables(os.environ):
        err.print(
            f"没有这些设置，已忽略 / no such settings, ignored: {', '.join(unknown)}", style="yellow", soft_wrap=True
        )
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for one in error.errors():
            say = message(one["type"], one.get("ctx"))
            lines.append(f"FIVE_ONES_{'_'.join(map(str, one['loc'])).upper()}: {say.zh} / {say.en}")
        _fail("设置有误 / wrong settings:\n" + "\n".join(lines))


def _unusable(settings: Settings, error: Exception) -> NoReturn:
    """What the driver says, once, with the address it concerns."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = next(iter(str(cause).splitlines()), "") or type(cause).__name__
    said = re.sub(r"^<class '[^']*'>: ", "", said)
    _fail(
        f"数据库无法使用 / the database cannot be used: {settings.shown_url}\n{said}\n"
        "口令中的 @ : / 等须写成 %40 %3A %2F / write @ : / in a password as %40 %3A %2F"
    )


def _run(work: Callable[[Database], Coroutine[Any, Any, Answer]], settings: Settings | None = None) -> Answer:
    """Run with a database that is reachable and migrated."""
    chosen = settings or _settings()
    if chosen.sqlite_file is not None and not chosen.sqlite_file.is_file():
        _fail(
            f"没有数据库文件 {chosen.sqlite_file}，请先运行 five-ones migrate / "
            f"there is no database file {chosen.sqlite_file}; run `five-ones migrate` first"
        )

    async def whole() -> Answer:
        database = Database(chosen, clock.system_now, is_shared=False)
        try:
            await _require_migrated(database)
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(whole())
    except (SQLAlchemyError, OSError) as error:
        _unusable(chosen, error)


async def _revision(database: Database) -> str | None:
    async with database.reading() as session:
        return await schema.current_revision(session)


async def _require_migrated(database: Database) -> None:
    found = await _revision(database)
    if found is not None and not schema.knows(found):
        _fail(f"数据库（{found}）比程序新，请更新程序 / the database ({found}) is newer than this program; update it")
    if found != schema.head_revision():
        _fail("数据库未迁移到当前版本，请先运行 five-ones migrate / run `five-ones migrate` first")


def _require_port(host: str, port: int) -> None:
    """Raises Exit with a sentence where nothing can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        zh, en = (
            ("已被其他程序占用", "is taken") if taken else (f"不可用（{error.strerror}）", f"cannot be used ({error})")
        )
        _fail(f"{host} 的端口 {port} {zh}，请换一个 / port {port} of {host} {en}; choose another")


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
        _run(_ready, settings)
    except ProductionRefused as refused:
        _fail(str(refused))
    _require_port(host, port)
    shown = f"[{host}]" if ":" in host else host
    err.print(f"监听 / listening on http://{shown}:{port} （Ctrl-C 停止 / stops it）", soft_wrap=True)
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
    settings = _settings()
    try:
        before = _stands_at(settings)
        if before is not None and not schema.knows(before):
            _fail(f"数据库（{before}）比程序新，请更新程序 / the database ({before}) is newer than this program")
        with _progress("迁移 / migrating") as show:
            schema.upgrade(settings, revision, show)
        after = _stands_at(settings)
    except CommandError as error:
        _fail(f"没有这个版本 / no such revision: {revision} ({error})")
    except (SQLAlchemyError, OSError) as error:
        _unusable(settings, error)
    where = f"{settings.shown_url}"
    if before == after:
        out.print(f"数据库已是 {after}，未作改动 / already at {after}, nothing changed: {where}", soft_wrap=True)
    else:
        zh, en = (f"原为 {before}", f"was {before}") if before else ("原为空库", "was empty")
        out.print(f"数据库已迁移到 {after}（{zh}）/ migrated to {after} ({en}): {where}", soft_wrap=True)


def _stands_at(settings: Settings) -> str | None:
    if settings.sqlite_file is not None and not settings.sqlite_file.is_file():
        return None

    async def whole() -> str | None:
        database = Database(settings, clock.system_now, is_shared=False)
        try:
            return await _revision(database)
        finally:
            await database.close()

    return asyncio.run(whole())


@app.command()
def sample(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="库中已有数据时跳过 / skip where there is data")] = False,
) -> None:
    """把示例城市装入空库 / load the sample city into an empty database."""
    from app.sample import load

    settings = _settings()
    if settings.environment == "production":
        _fail(
            "生产环境不装示例；要看示例请设 FIVE_ONES_ENVIRONMENT=development 并换用空库 / the sample is not loaded in "
            "production; set FIVE_ONES_ENVIRONMENT=development and use an empty database"
        )

    async def work(database: Database) -> bool:
        with _progress("装入示例 / loading") as show:
            async with database.writing() as session:
                if if_empty and not await load.is_empty(session):
                    return False
                await load.load(session, show)
        return True

    try:
        loaded = _run(work, settings)
    except load.NotEmpty:
        _fail("数据库中已有数据，示例只装入空库 / the sample is loaded into an empty database only")
    if loaded:
        out.print("已装入示例数据，业务日 2023-03-31 / sample loaded, business day 2023-03-31")
    else:
        out.print("已有数据，未装示例 / data present, sample skipped")


@app.command()
def check() -> None:
    """核对全部数据，不符则退出 1 / recompute every invariant; 1 if broken."""
    from app.checks import run
    from app.checks.findings import Finding

    async def work(database: Database) -> list[Finding]:
        with _progress("核对 / checking") as show:
            async with database.snapshot() as session:
                return await run.run(session, show)

    findings = _run(work)
    for finding in findings:
        mark = "提示 notice: " if finding.is_notice else ""
        err.print(f"{mark}{finding.rule}: {finding.row}: {finding.what.zh} / {finding.what.en}", soft_wrap=True)
    if broken := [finding for finding in findings if not finding.is_notice]:
        _fail(f"{len(broken)} 处不符 / {len(broken)} found")
    out.print("全部相符 / every invariant holds")


@app.command()
def openapi(
    path: Annotated[Path | None, typer.Argument(help="写入文件，缺省为屏幕 / write to a file")] = None,
) -> None:
    """输出 OpenAPI 文档 / write the OpenAPI document."""
    text = openapi_text(_settings())
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"无法写入 {path} / cannot write {path}: {error.strerror}")


def openapi_text(settings: Settings) -> str:
    return json.dumps(create_app(settings).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@app.command("business-day")
def business_day(
    day: Annotated[str | None, typer.Argument(help="YYYY-MM-DD")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="恢复真实日期 / go back to the real day")] = False,
) -> None:
    """查看、设定或清除业务日 / show, set or clear the stored business day."""
    if day is not None and clear:
        _fail("日期与 --clear 只用其一 / a day or --clear, not both")
    settings = _settings()
    if day is not None and settings.environment == "production":
        _fail("生产环境不设业务日，只能清除 / production takes no business day; it can only be cleared")
    try:
        wanted = None if day is None else TypeAdapter(Day).validate_python(day)
    except ValidationError as error:
        say = message(error.errors()[0]["type"], None)
        _fail(f"{say.zh} / {say.en}")

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

    out.print(_run(work, settings))


def main() -> None:
    app()


if __name__ == "__main__":
    main()
