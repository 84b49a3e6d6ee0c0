"""kustomize's own code in processes that go on running, so that no build pays for a start and for a schema."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.tools import Conversation, Output

PROGRAM = "gitopsmith-render"
PROTOCOL = 1
PROCESSES = 4
"""At most, of some 100 MB each; a run judges what four of them build more slowly than they build it."""
PATIENCE = 3
"""Builds that may be lost before a run goes on without."""
_START = 20.0
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+)")
_LARGEST = 1 << 30


@dataclass(slots=True, eq=False)
class Library:
    """kustomize's library. ``version`` is that of the kustomize program with the same code."""

    path: str
    version: str
    timeout: float
    _idle: list[Conversation]
    _room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(PROCESSES))
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lost: int = 0

    def __str__(self) -> str:
        return f"kustomize library {self.version}"

    def build(self, directory: str) -> Output | None:
        """Returns what the kustomize program would leave behind; None when that could not be found out.

        A process that hangs, ends or talks nonsense is killed, and another one takes its place. Several threads may
        build at once.
        """
        with self._room:
            if self._lost >= PATIENCE:
                return None
            try:
                return self._ask(self._process(), directory)
            except Failure:
                self._lost += 1
                return None

    def _process(self) -> Conversation:
        try:
            return self._idle.pop()
        except IndexError:
            return _start(self.path)[0]

    def _ask(self, process: Conversation, directory: str) -> Output:
        asked, deadline = next(self._numbers), time.monotonic() + self.timeout
        try:
            process.tell(json.dumps({"id": asked, "directory": directory}).encode() + b"\n")
            answer = _answer(process.read_line(deadline), asked)
            said = process.read(answer.size, deadline)
        except BaseException:
            process.end()
            raise
        if answer.last:
            process.end()
        else:
            self._idle.append(process)
        return Output(1, b"", said) if answer.failed else Output(0, said, b"")

    def close(self) -> None:
        """Ends every process."""
        while self._idle:
            self._idle.pop().end()


def find(timeout: float) -> Library | None:
    """Returns kustomize's library where its program is installed and is one that this version can talk to."""
    path = tools.find_helper(PROGRAM)
    if path is None:
        return None
    try:
        process, version = _start(path)
    except Failure:
        return None
    return Library(path, version, timeout, [process])


class _Answer(NamedTuple):
    """What stands before ``size`` bytes: YAML, or a complaint. After the last one a process ends by itself."""

    failed: bool
    size: int
    last: bool


def _start(path: str) -> tuple[Conversation, str]:
    process = Conversation(path)
    try:
        return process, _version(process.read_line(time.monotonic() + _START))
    except BaseException:
        process.end()
        raise


def _version(line: bytes) -> str:
    greeting = _mapping(line)
    version = _VERSION.fullmatch(str(greeting.get("kustomize")))
    if greeting.get("protocol") != PROTOCOL or version is None:
        raise tools.Ended(f"{PROGRAM} is of another version")
    return version[1]


def _answer(line: bytes, asked: int) -> _Answer:
    said = _mapping(line)
    size = said.get("size")
    if said.get("id") != asked or not isinstance(size, int) or not 0 <= size <= _LARGEST:
        raise tools.Ended(f"{PROGRAM} answers what it was not asked")
    return _Answer(said.get("failed") is not False, size, said.get("last") is not False)


def _mapping(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise tools.Ended(f"{PROGRAM} says what is no answer")
    return said
