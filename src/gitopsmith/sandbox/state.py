"""Where a sandbox lives: one folder, from which everything about it can be read while it runs and after it is gone."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from gitopsmith.finding import Failure
from gitopsmith.sandbox.processes import is_supervisor

DEFAULT = "default"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
PORTS = (
    "etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "redis", "repo-server",
    "repo-server-metrics", "controller-metrics", "applicationset-metrics", "applicationset-probe",
    "applicationset-webhook", "server", "server-metrics", "git",
)  # fmt: skip
"""Everything that listens."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a sandbox: ``seconds`` says how long after the start each part was ready."""

    pid: int = 0
    started: float = 0.0
    programs: str = ""
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failure: str = ""

    def is_ready(self, part: str) -> bool:
        return part in self.seconds


def folder_of(name: str) -> Path:
    """Returns the folder of a sandbox. Raises Failure when the name is none."""
    if not _NAME.fullmatch(name):
        raise Failure(f"{name!r} is no name of a sandbox: write a letter, then letters, digits and hyphens, 31 at most")
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "gitopsmith" / "sandbox" / name


def names() -> tuple[str, ...]:
    """Returns the names of all sandboxes that have a folder."""
    base = folder_of(DEFAULT).parent
    return (
        tuple(sorted(path.name for path in base.iterdir() if (path / "state.json").is_file())) if base.is_dir() else ()
    )


def read(folder: Path) -> State:
    """Returns what a sandbox has written about itself; an empty State where there is nothing, or nothing whole."""
    try:
        found = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        return State(**found)
    except (OSError, ValueError, TypeError):
        return State()


def write(folder: Path, state: State) -> None:
    """Writes the state so that a reader sees the old one or the new one."""
    waiting = folder / "state.json.new"
    waiting.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
    waiting.replace(folder / "state.json")


def ready(state: State, part: str) -> State:
    """Returns the state with one part more that is ready now."""
    return replace(state, seconds={**state.seconds, part: round(time.time() - state.started, 2)})


def is_running(state: State, folder: Path) -> bool:
    """Tells whether the supervisor of a sandbox is there."""
    return is_supervisor(state.pid, folder)
