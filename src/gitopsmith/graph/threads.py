"""Threads that render ahead of what judges."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gitopsmith import tools
from gitopsmith.render import Failed, Rendered

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


class Threads:
    """Threads that render, made when the first build needs one: a run on plain manifests starts without them."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ThreadPoolExecutor | None = None
        self._futures: list[Future[tuple[Rendered, ...] | Failed]] = []

    def submit(
        self, render: Callable[[object], tuple[Rendered, ...] | Failed], prepared: object
    ) -> Callable[[], tuple[Rendered, ...] | Failed]:
        """Returns what waits for the result."""
        if prepared is None or isinstance(prepared, Failed):
            return lambda: prepared or ()
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - see above

            self._pool = ThreadPoolExecutor(max(1, self._jobs))
        future = self._pool.submit(render, prepared)
        self._futures.append(future)
        return lambda: self._take(future)

    def _take(self, future: Future[tuple[Rendered, ...] | Failed]) -> tuple[Rendered, ...] | Failed:
        result = future.result()
        self._futures.remove(future)  # or what was rendered would stay in memory to the end
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for nothing: what still runs when a run is given up is killed."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        while not all(future.done() for future in self._futures):
            tools.kill_running()  # again and again, since a thread may have been about to start one
            time.sleep(0.02)
