"""Other programs, run as the shell of a user runs them: without the checkout on Python's path."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

Run = subprocess.CompletedProcess[str]


def run(*command: str | Path, cwd: Path, **environment: str) -> Run:
    """Runs a program to its end, with nothing to read; the environment is ours and what is given."""
    merged = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environment
    return subprocess.run(
        command, cwd=cwd, env=merged, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def path(*folders: Path) -> str:
    """Returns a PATH with some folders first, then the programs of this Python, then what is there already."""
    return os.pathsep.join([*map(str, folders), str(Path(sys.executable).parent), os.environ["PATH"]])


def shell(script: str, cwd: Path, **environment: str) -> Run:
    """Runs a script as the runners of CI systems do: the first command that fails ends it."""
    return run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script, cwd=cwd, **environment)
