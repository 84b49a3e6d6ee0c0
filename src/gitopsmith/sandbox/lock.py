"""One at a time: a file that is locked by whoever works, and free again when that process is gone, however it went."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path, waits: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Holds the lock of a file, which stays; calls ``waits`` once when somebody else has it.

    Yields the open file: a process that inherits it has the lock too, until it closes it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)
