"""Shared by all commands: output in two languages, settings, a migrated database, a progress bar."""

import asyncio
import os
import re
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app import job_registry as kinds
from app import schema
from app.audit.background import seal_at_end
from app.core import clock
from app.core.config import Settings, unknown_variables
from app.core.db import Database
from app.core.messages import message

out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

Answer = TypeVar("Answer")

_SHOW_PROGRESS_AFTER = 2.0


def fail(text: str) -> NoReturn:
    """Prints the text to stderr and exits with 1."""
    err.print(text, style="red", soft_wrap=True)
    raise typer.Exit(1)


def read_settings() -> Settings:
    """Returns the settings. Warns of unknown variables; prints invalid settings and exits with 1."""
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
            variable = f"FIVE_ONES_{'_'.join(map(str, one['loc'])).upper()}: " if one["loc"] else ""
            lines.append(f"{variable}{say.zh} / {say.en}")
        fail("设置有误 / wrong settings:\n" + "\n".join(lines))


def unusable(settings: Settings, error: Exception) -> NoReturn:
    """Prints the first line of the driver's error with the database URL, and exits with 1."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    reason = next(iter(str(cause).splitlines()), "") or type(cause).__name__
    reason = re.sub(r"^<class '[^']*'>: ", "", reason)
    fail(
        f"数据库无法使用 / the database cannot be used: {settings.shown_url}\n{reason}\n"
        "口令中的 @ : / 等须写成 %40 %3A %2F / write @ : / in a password as %40 %3A %2F"
    )


def run(
    work: Callable[[Database], Coroutine[Any, Any, Answer]],
    settings: Settings | None = None,
    *,
    is_shared: bool = False,
) -> Answer:
    """Runs `work` with a migrated database and returns its result. Exits with 1 where there is no such database.

    `is_shared`: several tasks use the database at once. Rows that the command wrote are sealed before it ends, as it
    may be long until a server runs.
    """
    chosen = settings or read_settings()
    if chosen.sqlite_file is not None and not chosen.sqlite_file.is_file():
        fail(
            f"没有数据库文件 {chosen.sqlite_file}，请先运行 five-ones migrate / "
            f"there is no database file {chosen.sqlite_file}; run `five-ones migrate` first"
        )

    async def whole() -> Answer:
        database = kinds.open_database(chosen, clock.system_now, is_shared=is_shared)
        try:
            require_migrated(await revision(database))
            answer = await work(database)
            if database.has_written:
                await seal_at_end(database, logs_heads=is_shared)
            return answer
        finally:
            await database.close()

    try:
        return asyncio.run(whole())
    except (SQLAlchemyError, OSError) as error:
        unusable(chosen, error)


async def revision(database: Database) -> str | None:
    async with database.reading() as session:
        return await schema.current_revision(session)


def require_migrated(found: str | None) -> None:
    """Prints what must be done first and exits with 1 where this program cannot use a database of this revision."""
    if (remedy := schema.remedy(found)) is not None:
        fail(f"{remedy.zh} / {remedy.en}")


Show = Callable[[int, int], None]


@contextmanager
def progress(what: str) -> Iterator[Show]:
    """A progress bar, shown after two seconds of work where the output is a terminal."""
    started, task = time.monotonic(), None
    with Progress(console=out, transient=True, disable=not out.is_terminal) as bar:

        def show(done: int, total: int) -> None:
            nonlocal task
            if task is None and time.monotonic() - started > _SHOW_PROGRESS_AFTER:
                task = bar.add_task(what, total=total)
            if task is not None:
                bar.update(task, completed=done)

        yield show
