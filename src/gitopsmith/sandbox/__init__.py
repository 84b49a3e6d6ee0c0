"""A real Argo CD on a real control plane, without containers: plain processes on loopback, and pods that only pretend.

etcd, kube-apiserver, kube-controller-manager and kube-scheduler are Kubernetes' own; KWOK plays one node and its pods.
Argo CD's processes start when its objects are in the cluster, which ``gitopsmith bootstrap`` applies, and take the
settings that its Deployments would give them. A sandbox is thrown away when it ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.sandbox import programs
from gitopsmith.sandbox.programs import build
from gitopsmith.sandbox.state import DEFAULT, State, folder_of, is_running, names, read

__all__ = ["DEFAULT", "State", "build", "down", "folder_of", "is_running", "names", "read", "reset", "up"]

CLUSTER = "redis"
"""The part that is ready when the cluster is, and before Argo CD is installed."""
START = 180.0


def up(name: str, tell: Callable[[str], None]) -> State:
    """Starts a sandbox from nothing, and returns its state once its cluster is ready; one that runs is left alone.

    Raises Failure with the reason when a part of it does not come up; then nothing of it is left running.
    """
    built = programs.build(tell)
    folder = folder_of(name)
    found = read(folder)
    if is_running(found, folder):
        return found
    reset(name)
    folder.mkdir(parents=True, mode=0o700)
    process = tools.serve(
        *(sys.executable, "-m", "gitopsmith.sandbox.supervise", str(folder), str(built.folder)),
        cwd=folder,
        log=folder / "supervisor.log",
        environment=dict(os.environ),
        detached=True,
    )
    try:
        return _wait(folder, lambda: process.poll() is not None)
    except BaseException:
        down(name)
        raise


def _wait(folder: Path, has_ended: Callable[[], bool]) -> State:
    end = time.monotonic() + START
    while time.monotonic() < end:
        ended = has_ended()
        found = read(folder)
        if found.is_ready(CLUSTER) and not ended:
            return found
        if ended:
            said = (folder / "supervisor.log").read_text(encoding="utf-8", errors="replace")
            raise Failure(found.failure or f"the sandbox ended at once: {said[-2000:]}", status=3)
        time.sleep(0.05)
    raise Failure(f"the sandbox was not ready after {START:.0f} s; its logs are in {folder / 'logs'}", status=3)


def down(name: str) -> bool:
    """Ends a sandbox with everything that belongs to it, and tells whether there was anything; its logs stay."""
    folder = folder_of(name)
    found = read(folder)
    was_running = is_running(found, folder)
    if was_running:
        os.kill(found.pid, signal.SIGTERM)
        _gone(lambda: is_running(found, folder), 10)
        if is_running(found, folder):
            os.kill(found.pid, signal.SIGKILL)
    left = leftovers(folder)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    _gone(lambda: bool(leftovers(folder)), 10)
    return was_running or bool(left)


def _gone(is_there: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while is_there() and time.monotonic() < end:
        time.sleep(0.05)


def leftovers(folder: Path) -> list[int]:
    """Returns the processes of a sandbox: our programs, and supervisors, that name its folder."""
    return [pid for pid in map(int, _numbers()) if pid != os.getpid() and _belongs(pid, folder)]


def _numbers() -> list[str]:
    return [path.name for path in Path("/proc").glob("[0-9]*")]


def _belongs(pid: int, folder: Path) -> bool:
    process = Path(f"/proc/{pid}")
    try:
        words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        program = (process / "exe").readlink()
    except OSError:
        return False
    ours = program.is_relative_to(programs.cache_folder()) or any(
        word.startswith("gitopsmith.sandbox.") for word in words
    )
    named = any(word == str(folder) or f"{folder}/" in word for word in words)
    return ours and (named or _works_in(process, folder))


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False


def reset(name: str) -> None:
    """Ends a sandbox, and removes everything of it."""
    down(name)
    shutil.rmtree(folder_of(name), ignore_errors=True)
