"""The six real repositories: what is known to be wrong is found, and every other error has been read and is true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

pytestmark = pytest.mark.slow


def test_every_error_is_known_or_has_been_read(corpora: Path, kustomize: str) -> None:
    """The verdicts are in ``corpora-triage.yaml``, and the goals in ``bench/corpora.py``."""
    command = (sys.executable, "bench/corpora.py", "--part", "lint", str(corpora))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    missed = [line for line in done.stdout.splitlines() if line.startswith("MISS")]
    assert (done.returncode, missed) == (0, []), done.stdout + done.stderr
