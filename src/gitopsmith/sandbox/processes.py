"""The processes of a sandbox, as Linux tells of them: which they are, and what each costs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MARK = "GITOPSMITH_SANDBOX_PROCESS"
"""The variable by which a process belongs to the sandbox of that folder; what it starts inherits it."""
SUPERVISOR = "gitopsmith.sandbox.supervise"
_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """What a process costs: memory in MiB, with its share of what several use, and all that it sees; CPU in seconds."""

    memory: float
    resident: float
    cpu: float


def belonging(folder: Path) -> list[int]:
    """Returns the processes of a sandbox other than this one, its supervisor and whatever any of them has started."""
    wanted = f"{MARK}={folder}".encode()
    found = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return [pid for pid in found if pid != os.getpid() and wanted in _read(pid, "environ").split(b"\0")]


def is_supervisor(pid: int, folder: Path) -> bool:
    """Tells whether a number is the supervisor of a sandbox, and not another process that has the number by now."""
    words = _read(pid, "cmdline").split(b"\0") if pid > 0 else []
    return SUPERVISOR.encode() in words and str(folder).encode() in words


def end(folder: Path, seconds: float = 10) -> int:
    """Kills every process of a sandbox, and returns how many there were; it is over when they are gone."""
    ended = set()
    until = time.monotonic() + seconds
    while (left := belonging(folder)) and time.monotonic() < until:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        ended.update(left)
        time.sleep(0.02)
    return len(ended)


def wait(is_there: Callable[[], bool], seconds: float) -> None:
    """Waits until something is gone, no longer than that."""
    until = time.monotonic() + seconds
    while is_there() and time.monotonic() < until:
        time.sleep(0.02)


def cost(pid: int) -> Cost | None:
    """Returns what a process costs at this moment, None when it is gone."""
    memory = dict(line.split(b":", 1) for line in _read(pid, "smaps_rollup").splitlines()[1:] if b":" in line)
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    if not memory or len(fields) < 13:
        return None
    share, resident = (int(memory[name].split()[0]) / 1024 for name in (b"Pss", b"Rss"))
    return Cost(round(share, 1), round(resident, 1), (int(fields[11]) + int(fields[12])) / _TICKS)


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
