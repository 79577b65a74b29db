"""Doing for many callers at once what costs little more for many than for one: a statement, a commit."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batcher(Generic[Item, Answer]):
    """Whoever calls while a round is done waits for the next, which begins after they called and is for all of them.

    `do` answers each item in its place, with an exception for one that has failed; what it raises reaches all of a
    round. A round belongs to no caller: one that is cancelled ends nothing for the others, nor what it has asked for.
    """

    def __init__(self, do: Callable[[list[Item]], Awaitable[Sequence[Answer | BaseException]]], most: int) -> None:
        self._do = do
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._rounds: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._rounds is None or self._rounds.done():
            # Nobody's context: what is logged in a round is of no one request. It begins when all that can call have.
            self._rounds = asyncio.create_task(self._go_round(), context=contextvars.Context())
        return await future

    async def _go_round(self) -> None:
        while self._waiting:
            now, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            answers: Sequence[Answer | BaseException]
            try:
                answers = await self._do([item for item, _ in now])
            except asyncio.CancelledError:
                for _, future in now + self._waiting:
                    future.cancel()
                self._waiting = []
                raise
            except Exception as error:
                answers = [error] * len(now)
            for (_, future), answer in zip(now, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, BaseException):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
