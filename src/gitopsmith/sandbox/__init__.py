"""A real Argo CD on a real control plane, without containers: plain processes on loopback, and pods that only pretend.

etcd, kube-apiserver, kube-controller-manager and kube-scheduler are Kubernetes' own; KWOK plays the nodes and their
pods. Argo CD's processes start when its objects are in the cluster, which ``gitopsmith bootstrap`` applies, and take
the settings that its Deployments would give them. A sandbox is thrown away when it ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.sandbox import commands, lock, processes, programs
from gitopsmith.sandbox.programs import Tell, build
from gitopsmith.sandbox.state import DEFAULT, State, folder_of, is_running, names, read

__all__ = ["CLUSTER", "DEFAULT", "State", "build", "down", "folder_of", "is_running", "names", "read", "reset", "up"]

CLUSTER = "redis"
"""The part that is ready when the cluster is, and before Argo CD is installed."""
START = 180.0
"""Seconds that a start may take, on a machine that has much else to do."""
SPACE = 400
"""MiB that have to be free: etcd writes its log into files of 64, and the rest are logs and git's objects."""
SOCKET = 107
"""Characters that the path of a socket may have on Linux."""
_started: dict[Path, tools.Process] = {}
"""The supervisors that this process has started, by their folders: it alone can take note that one is gone."""


def up(name: str, tell: Tell) -> State:
    """Starts a sandbox from nothing, and returns its state once its cluster is ready; one that runs is left alone.

    Raises Failure with the reason when a part of it does not come up; then nothing of it is left running.
    """
    folder = folder_of(name)
    if len(str(folder / "ask-pass.sock")) > SOCKET:
        raise Failure(f"the path {folder} is too long for sockets; set XDG_STATE_HOME to a shorter one", status=3)
    built = programs.build(tell)
    starts = False
    try:
        with lock.held(_lock(folder), lambda: tell(f"waiting for another command on sandbox {name}")) as file:
            starts = not is_running(read(folder), folder)
            if starts:
                _started[folder] = _start(folder, built, file)
        return _wait(folder, lambda: _has_ended(folder))
    except BaseException:
        if starts:
            down(name)
        raise


def _has_ended(folder: Path) -> bool:
    """Tells whether a supervisor is gone; one that we have started may not have said yet who it is."""
    if folder in _started:
        return _started[folder].poll() is not None
    return not is_running(read(folder), folder)


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _start(folder: Path, built: programs.Programs, locked: int) -> tools.Process:
    """Starts the supervisor, which holds the lock with us until it has written who it is: nobody can miss it."""
    _remove(folder)
    free = shutil.disk_usage(folder.parent).free >> 20
    if free < SPACE:
        raise Failure(f"{folder.parent} has {free} MiB free, and a sandbox needs {SPACE}", status=3)
    folder.mkdir(mode=0o700)
    return tools.serve(
        *(sys.executable, "-m", processes.SUPERVISOR, str(folder), str(built.folder), str(locked)),
        cwd=folder,
        log=folder / "supervisor.log",
        environment={**os.environ, "PYTHONPATH": commands.python_path(), processes.MARK: str(folder)},
        detached=True,
        inherited=(locked,),
    )


def _wait(folder: Path, has_ended: Callable[[], bool]) -> State:
    end = time.monotonic() + START
    while time.monotonic() < end:
        ended = has_ended()
        found = read(folder)
        if ended:
            raise Failure(found.failure or f"the sandbox ended while it started{_said(folder)}", status=3)
        if found.is_ready(CLUSTER):
            return found
        time.sleep(0.05)
    raise Failure(f"the sandbox was not ready after {START:.0f} s; its logs are in {folder / 'logs'}", status=3)


def _said(folder: Path) -> str:
    with suppress(OSError):
        said = (folder / "supervisor.log").read_text(encoding="utf-8", errors="replace").strip()
        return f": {said[-2000:]}" if said else ""
    return ""


def down(name: str) -> bool:
    """Ends a sandbox with everything that belongs to it, and tells whether there was anything; its logs stay."""
    folder = folder_of(name)
    with lock.held(_lock(folder)):
        return _end(folder)


def _end(folder: Path) -> bool:
    found = read(folder)
    was_running = is_running(found, folder)
    if was_running:
        with suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGTERM)
        processes.wait(lambda: is_running(found, folder), 10)
    # Whatever does not heed that, and what a supervisor that was killed itself has left.
    ended = processes.end(folder)
    if folder in _started:
        _started.pop(folder).wait()
    return bool(ended) or was_running


def reset(name: str) -> bool:
    """Ends a sandbox, removes everything of it, and tells whether there was anything."""
    folder = folder_of(name)
    with lock.held(_lock(folder)):
        was_there = folder.exists()
        _remove(folder)
        _lock(folder).unlink()
    return was_there


def _remove(folder: Path) -> None:
    _end(folder)
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Failure(f"what an earlier sandbox left cannot be removed: {error}", status=3) from error
