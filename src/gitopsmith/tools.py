"""The only door to other programs."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gitopsmith.finding import Failure

ENVIRONMENT = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
UNWANTED = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"})
"""What git sets for its hooks, and what would make another git look at that repository instead of the linted one."""
Process = subprocess.Popen[bytes]
"""A program that runs."""
_running: set[Process] = set()


class Missing(Failure):
    """The program is not on this machine, or cannot be executed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=3)


class TimedOut(Failure):
    """The program did not end in time, and was killed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=3)


class Ended(Failure):
    """The program went away in the middle of a conversation, or said what makes no sense."""

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


def find_helper(name: str) -> str | None:
    """Returns the path of one of this project's own programs, in the folder GITOPSMITH_HELPER, else where others are.

    Where that variable is set and names no folder with the program, there is none.
    """
    folder = os.environ.get("GITOPSMITH_HELPER")
    return find(name) if folder is None else shutil.which(name, path=folder or os.devnull)


def run(
    *command: str,
    cwd: Path | None = None,
    stdin: bytes = b"",
    timeout: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> Output:
    """Runs a program to its end, without a shell; when that is cut short, what it started itself ends with it.

    ``environment`` is added to this program's own: a secret goes there or to ``stdin``, for anybody may list commands.
    Raises Missing when there is no such program, TimedOut when it takes more than ``timeout`` seconds.
    """
    process = _start(command, cwd, environment or {})
    _running.add(process)
    with process:
        try:
            stdout, stderr = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired as error:
            _kill(process)
            raise TimedOut(f"{Path(command[0]).name} did not end within {timeout:g} seconds") from error
        except BaseException:
            _kill(process)
            process.wait()
            raise
        finally:
            _running.discard(process)
    return Output(process.returncode, stdout, stderr)


class Conversation:
    """A program that goes on running, and answers what it is told on its stdin; for one thread at a time.

    It ends when ``end`` is called, when another thread kills what is running, and, if it heeds the end of its stdin,
    with this program. What it writes to stderr is lost. Raises Missing when there is no such program.
    """

    LONGEST = 65536
    """Bytes of a line, before it counts as nonsense."""

    def __init__(self, *command: str) -> None:
        self._process = _start(command, None, {}, subprocess.DEVNULL)
        _running.add(self._process)
        assert self._process.stdout is not None
        self._descriptor = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self._heard = bytearray()
        self._name = Path(command[0]).name

    def tell(self, line: bytes) -> None:
        """Writes a line. Raises Ended when nobody reads it.

        One that is longer than what a pipe holds is for a program that reads it whole before it answers.
        """
        assert self._process.stdin is not None
        try:
            os.write(self._process.stdin.fileno(), line)
        except OSError as error:
            raise Ended(f"{self._name} has ended") from error

    def read_line(self, deadline: float) -> bytes:
        """Returns the next line. Raises TimedOut when ``time.monotonic`` passes the deadline before, and Ended."""
        while b"\n" not in self._heard:
            if len(self._heard) > self.LONGEST:
                raise Ended(f"{self._name} says what is no line")
            self._listen(deadline)
        return self._take(self._heard.index(b"\n") + 1)

    def read(self, count: int, deadline: float) -> bytes:
        """Returns the next bytes. Raises what ``read_line`` raises."""
        while len(self._heard) < count:
            self._listen(deadline)
        return self._take(count)

    def end(self) -> None:
        """Kills the program, and waits until it is gone."""
        _kill(self._process)
        with self._process, contextlib.suppress(OSError):
            self._process.wait()
        _running.discard(self._process)

    def _listen(self, deadline: float) -> None:
        if not self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimedOut(f"{self._name} did not answer in time")
        heard = os.read(self._descriptor, 1 << 20)
        if not heard:
            raise Ended(f"{self._name} has ended")
        self._heard += heard

    def _take(self, count: int) -> bytes:
        taken = bytes(self._heard[:count])
        del self._heard[:count]
        return taken


def follow(
    *command: str, cwd: Path | None = None, environment: Mapping[str, str] | None = None, heard: Callable[[str], None]
) -> tuple[int, str]:
    """Runs a program to its end, and tells each line that it writes to stderr; returns its status and the last lines.

    What cuts it short, such as Ctrl-C, ends the program too. Raises Missing when there is no such program.
    """
    process = _start(command, cwd, environment or {})
    _running.add(process)
    last: deque[str] = deque(maxlen=5)
    assert process.stdin is not None
    assert process.stderr is not None
    with process:
        try:
            process.stdin.close()
            for raw in process.stderr:
                line = raw.decode("utf-8", "replace").rstrip()
                last.append(line)
                heard(line)
        except BaseException:
            _kill(process)
            raise
        finally:
            _running.discard(process)
    return process.wait(), "\n".join(last)


def serve(
    *command: str,
    cwd: Path,
    log: Path,
    environment: Mapping[str, str],
    detached: bool = False,
    inherited: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a program that goes on running, in a session of its own; what it says is added to a file.

    Unless it is ``detached``, it ends with this program, however that ends (on Linux). ``environment`` is all that it
    gets, and of open files those ``inherited``. Raises Missing when it cannot be started.
    """
    with log.open("ab") as file:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                pass_fds=inherited,
                preexec_fn=None if detached else partial(_end_with_parent, os.getpid()),  # noqa: PLW1509 - the supervisor has no threads
            )
        except OSError as error:
            raise Missing(f"{command[0]} cannot be executed: {error.strerror}") from error
    _keep_nice(process.pid)
    return process


def _keep_nice(session: int) -> None:
    """Makes a new session as nice as this process: Linux weighs sessions against each other, and a new one is not.

    ``man 7 sched``, the autogroup feature; not every kernel has it.
    """
    with contextlib.suppress(OSError):
        Path(f"/proc/{session}/autogroup").write_text(str(os.nice(0)), encoding="ascii")


def _end_with_parent(parent: int) -> None:
    """Asks Linux to kill this process when the one that started it ends; elsewhere there is no such thing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before it could be asked for
            os._exit(1)


def kill_running() -> None:
    """Kills every program that some thread waits for at this moment."""
    for process in tuple(_running):
        _kill(process)


def _start(
    command: tuple[str, ...], cwd: Path | None, added: Mapping[str, str], stderr: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    environment = inherited | ENVIRONMENT | dict(added)
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=pipe, stdout=pipe, stderr=stderr, process_group=0
        )
    except FileNotFoundError as error:
        if cwd is not None and not cwd.is_dir():
            raise Failure(f"{cwd} is no folder") from error
        raise Missing(f"{command[0]} is not on PATH") from error
    except OSError as error:
        raise Missing(f"{command[0]} cannot be executed: {error.strerror}") from error


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
