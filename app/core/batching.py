"""Batches concurrent calls that can share the cost of a statement or a commit."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batcher(Generic[Item, Answer]):
    """Collects the calls made while a batch runs into the next batch, of at most `most` items.

    `do` returns one answer for each item, in order, with an exception for one that failed; an exception that `do`
    raises reaches all callers of the batch. A batch belongs to no caller: one that is cancelled cancels neither the
    batch nor its own item.
    """

    def __init__(self, do: Callable[[list[Item]], Awaitable[Sequence[Answer | BaseException]]], most: int) -> None:
        self._do = do
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._runner: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._runner is None or self._runner.done():
            # In an empty context: log lines of a batch belong to no single request. Starts after every ready task has
            # had a turn to call.
            self._runner = asyncio.create_task(self._run_batches(), context=contextvars.Context())
        return await future

    async def _run_batches(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            answers: Sequence[Answer | BaseException]
            try:
                answers = await self._do([item for item, _ in batch])
            except asyncio.CancelledError:
                for _, future in batch + self._waiting:
                    future.cancel()
                self._waiting = []
                raise
            except Exception as error:
                answers = [error] * len(batch)
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, BaseException):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
