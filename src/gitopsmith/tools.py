"""The only door to other programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from gitopsmith.finding import Failure

ENVIRONMENT = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


class Missing(Failure):
    """The program is not on this machine."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=3)


class TimedOut(Failure):
    """The program did not end in time, and was killed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=3)


@dataclass(frozen=True, slots=True)
class Output:
    """What a program left behind. ``status`` is negative when a signal ended it."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def complaint(self) -> str:
        return self.stderr.decode("utf-8", "replace").strip()


def find(name: str) -> str | None:
    """Returns the path of a program on PATH, or in the scripts folder of this Python where wheels put theirs."""
    return shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts"))


def run(*command: str, cwd: Path | None = None, stdin: bytes = b"", timeout: float | None = None) -> Output:
    """Runs a program to its end, without a shell.

    Raises Missing when there is no such program, TimedOut when it takes more than ``timeout`` seconds.
    """
    environment = {**os.environ, **ENVIRONMENT}
    try:
        done = subprocess.run(
            command, cwd=cwd, input=stdin, capture_output=True, timeout=timeout, env=environment, check=False
        )
    except FileNotFoundError as error:
        raise Missing(f"{command[0]} is not on PATH") from error
    except PermissionError as error:
        raise Missing(f"{command[0]} cannot be executed: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"{Path(command[0]).name} did not end within {timeout:g} seconds") from error
    return Output(done.returncode, done.stdout, done.stderr)
