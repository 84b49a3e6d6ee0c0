"""Sends checks to the interpreter's process, and starts another where one of them ends it."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.health.verdict import Health, verdict

INTERPRETER = Path(__file__).with_name("interpreter.py")
MOST_ENDED = 3
"""Scripts that may end the process, each after a second; what is left then is hostile, and is not run."""
TIMEOUT = 60.0
"""Seconds of the wall clock for all checks together, beyond what each may compute."""


class Run(NamedTuple):
    """A check and the object that it shall look at, as JSON knows it."""

    lua: str
    body: Any
    open_libs: bool = False
    """The standard libraries are there, as with ``resource.customizations.useOpenLibs``."""


class Unavailable(Failure):
    """Checks cannot be run on this machine."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=3)


def evaluate(lua: str, body: Any, *, open_libs: bool = False) -> Health:
    """Returns what Argo CD shows for an object that a check looks at.

    Raises Unavailable where Lua is not there.
    """
    return evaluate_all([Run(lua, body, open_libs)])[0].shown_for(body)


def evaluate_all(runs: Sequence[Run]) -> list[Health]:
    """Returns what each check itself says, in the order of the runs; one process runs them all.

    Raises Unavailable where Lua is not there, TimedOut where the machine is too busy to come to an end.
    """
    found: dict[int, Health] = {}
    ended = 0
    while pending := [index for index in range(len(runs)) if index not in found]:
        answers, end = _interpret([runs[index] for index in pending])
        found |= {index: verdict(answer) for index, answer in zip(pending, answers, strict=False)}
        if len(answers) == len(pending):
            break
        culprit = pending[len(answers)]
        found[culprit] = Health("Unknown", end, failed=True)
        ended += 1
        for index in pending[len(answers) + 1 :]:
            if ended == MOST_ENDED or runs[index].lua == runs[culprit].lua:
                found[index] = Health("Unknown", "was not run, since another one before it did not end", failed=True)
    return [found[index] for index in range(len(runs))]


def _interpret(runs: Sequence[Run]) -> tuple[list[dict[str, Any]], str]:
    """Returns the answers of the runs up to the one that ended the interpreter, and how that happened."""
    text = json.dumps([(run.lua, run.open_libs, run.body) for run in runs])
    # -P: the working directory is the linted repository, whose json.py must not be imported
    command = (sys.executable, "-P", str(INTERPRETER))
    output = tools.run(*command, stdin=text.encode(), timeout=TIMEOUT + 2 * len(runs))
    if output.status > 0:
        *_, reason = ["it gives no reason", *output.complaint.splitlines()]
        raise Unavailable(f"Lua cannot be run here: {reason}")
    answers = [json.loads(line) for line in output.stdout.splitlines() if line.endswith(b"}")]
    hung = output.status == -signal.SIGPROF
    return answers, "computes for more than a second" if hung else f"ended Lua by signal {-output.status}"
