"""Asks one of this project's own programs, which answers as one process for a run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.tools import Conversation

PATIENCE = 2
"""Questions that may be lost before a run goes on without."""


@dataclass(slots=True, eq=False)
class Program:
    """``timeout`` is how many seconds an answer may take."""

    name: str
    timeout: float
    _path: str | None = None
    _searched: bool = False
    _conversation: Conversation | None = None
    _told: set[str] = field(default_factory=set)
    _lost: int = 0

    def ask(self, request: dict[str, Any], once: Mapping[str, Callable[[], dict[str, Any]]]) -> dict[str, Any] | None:
        """Returns the answer; None when the program is not here, hangs, ends, or answers with what is no JSON.

        What ``once`` makes is added to the first question of each process that names it.
        """
        if not self._searched:
            self._path, self._searched = tools.find_helper(self.name), True
        if self._path is None or self._lost >= PATIENCE:
            return None
        try:
            return self._exchange(self._path, request, once)
        except (Failure, ValueError):
            self._lost += 1
            self.close()
            return None

    def _exchange(
        self, path: str, request: dict[str, Any], once: Mapping[str, Callable[[], dict[str, Any]]]
    ) -> dict[str, Any]:
        if self._conversation is None:
            self._conversation = Conversation(path)
        for name in once.keys() - self._told:
            request = request | once[name]()
        deadline = time.monotonic() + self.timeout
        self._conversation.tell(json.dumps(request).encode() + b"\n")
        length = int(self._conversation.read_line(deadline))
        answer = json.loads(self._conversation.read(length, deadline))
        if not isinstance(answer, dict):
            raise ValueError("no object")  # noqa: TRY004 - what is caught above
        self._told |= once.keys()
        return answer

    def close(self) -> None:
        """Ends the process; the next question starts another one."""
        if self._conversation is not None:
            self._conversation.end()
            self._conversation = None
        self._told.clear()
