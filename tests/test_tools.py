"""Other programs: found, run, cut short, and missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import pytest

from gitopsmith import tools
from gitopsmith.finding import Failure
from repository import executable
from waiting import is_gone


def test_run_returns_status_output_and_complaint(tmp_path: Path) -> None:
    program = executable(tmp_path / "echo", "cat; pwd; echo oh no >&2; exit 7")
    done = tools.run(str(program), cwd=tmp_path, stdin=b"in\n")
    assert (done.status, done.stdout.decode()) == (7, f"in\n{tmp_path}\n")
    assert done.complaint == "oh no"


def test_a_signal_is_a_negative_status(tmp_path: Path) -> None:
    assert tools.run(str(executable(tmp_path / "dies", "kill -9 $$"))).status == -9


def test_arguments_reach_no_shell(tmp_path: Path) -> None:
    program = executable(tmp_path / "say", 'printf "%s" "$1"')
    assert tools.run(str(program), "$(id); `id` *").stdout == b"$(id); `id` *"


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(tools.Missing, match="no-such-program is not on PATH") as caught:
        tools.run("no-such-program", cwd=tmp_path)
    assert caught.value.status == 3


def test_a_missing_folder_is_not_a_missing_program(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="gone is no folder"):
        tools.run("git", "--version", cwd=tmp_path / "gone")


@pytest.mark.parametrize(("mode", "content"), [(0o644, "#!/bin/sh\n"), (0o755, "neither script nor binary")])
def test_a_file_that_is_no_program_is_named(tmp_path: Path, mode: int, content: str) -> None:
    path = tmp_path / "kustomize"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(tools.Missing, match="kustomize cannot be executed"):
        tools.run(str(path))


def test_what_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    program = executable(tmp_path / "hangs", f"sleep 60 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(tools.TimedOut, match=r"hangs did not end within 0\.3 seconds"):
        tools.run(str(program), timeout=0.3)
    assert is_gone(int((tmp_path / "child").read_text()))


def test_what_another_thread_waits_for_can_be_killed(tmp_path: Path) -> None:
    program = executable(tmp_path / "hangs", f"echo $$ > {tmp_path}/pid; sleep 60")
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(tools.run(str(program)).status))
    thread.start()
    while thread.is_alive():
        tools.kill_running()
        thread.join(0.05)
    assert statuses == [-9]


def test_programs_speak_english_and_look_at_no_repository_but_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("KEPT", "yes")
    lines = tools.run("env", cwd=tmp_path).stdout.decode().splitlines()
    assert {"LC_ALL=C", "KEPT=yes"} <= set(lines)
    assert [line for line in lines if "/elsewhere" in line] == []


def test_find_looks_on_path_first_and_then_beside_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    beside = Path(sysconfig.get_path("scripts")) / "python"
    assert tools.find("python") == str(beside)
    own = executable(tmp_path / "python", "exit 0")
    assert tools.find("python") == str(own)
    assert tools.find("no-such-program") is None


def test_nothing_is_left_running_after_an_interruption(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = executable(tmp_path / "hangs", f"echo $$ > {pid}; sleep 0.3; kill -INT {os.getpid()}; sleep 60")
    # A shell makes its jobs in the background ignore interruptions, and tests may run as one.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            tools.run(str(program))
    finally:
        signal.signal(signal.SIGINT, before)
    assert is_gone(int(pid.read_text()))


def test_what_is_added_to_the_environment_wins_and_stays_with_one_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORD", "inherited")
    program = str(executable(tmp_path / "say", 'printf "%s" "$WORD"'))
    assert tools.run(program, environment={"WORD": "added"}).stdout == b"added"
    assert tools.run(program).stdout == b"inherited"


SERVING = """\
import sys
from pathlib import Path
from gitopsmith import tools
process = tools.serve("sleep", "60", cwd=Path(sys.argv[1]), log=Path(sys.argv[1], "log"), environment={})
print(Path(f"/proc/{process.pid}/autogroup").read_text())
"""


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="needs a Linux that weighs sessions")
def test_what_goes_on_running_is_as_nice_as_who_started_it(tmp_path: Path) -> None:
    command = ("nice", "-n", "5", sys.executable, "-c", SERVING, str(tmp_path))
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.split()[-2:] == ["nice", "5"]
