"""One at a time: a file that is locked by whoever works, and free again when that process is gone, however it went."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path, waits: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Holds the lock of a file; calls ``waits`` when somebody else has it. Whoever holds it may remove the file.

    Yields the open file: a process that inherits it has the lock too, until it closes it.
    """
    file = _open(path)
    try:
        while True:
            _acquire(file, waits)
            if _is_at(file, path):
                break
            os.close(file)
            file = _open(path)
        yield file
    finally:
        os.close(file)


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _acquire(file: int, waits: Callable[[], None]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waits()
        fcntl.flock(file, fcntl.LOCK_EX)


def _is_at(file: int, path: Path) -> bool:
    """Tells whether a file is still what its path leads to: who held it before us may have removed it."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
