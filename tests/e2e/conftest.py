"""The sandbox of a run, and the table of what was promised and measured."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from conftest import argocd_manifests
from e2e import scale
from e2e.beginning import start
from e2e.live import Live
from e2e.polled import Polled
from e2e.promises import Report
from gitopsmith import sandbox
from gitopsmith.finding import Failure
from gitopsmith.sandbox import programs

KEPT = os.environ.get("GITOPSMITH_E2E", "")
"""The name of a sandbox to keep, and to use again in the next run; for writing tests."""
MISTAKEN = 12
"""Applications that the mistakes need, one each."""
_REPORT = Report()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _REPORT.rows:
        terminalreporter.section("on a real Argo CD; pods pretend, and are ready at once")
        for line in _REPORT.lines():
            terminalreporter.write_line(line)
    if missed := [f"{row}\n" for row in _REPORT.rows if not row.is_kept]:
        # `make e2e` prints them again at its end: the table of the half that is done first is far above it by then.
        with (terminalreporter.config.rootpath / ".pytest_cache" / "missed").open("a") as file:
            file.writelines(missed)


def _built() -> None:
    try:
        found = programs.locate(programs.find_go())
    except Failure as error:
        pytest.skip(f"needs a sandbox: {error}")
    if not found.is_built:
        pytest.skip("needs the programs of a sandbox: run `gitopsmith sandbox build`, which takes some ten minutes")


@pytest.fixture(scope="session")
def report() -> Report:
    return _REPORT


@pytest.fixture(scope="session")
def live(report: Report) -> Iterator[Live]:
    """A sandbox in which Argo CD has everything from a repository of three environments and two applications."""
    _built()
    install = argocd_manifests("3.6.1") / "install.yaml"
    name = KEPT or f"e2e-{os.getpid()}"
    try:
        found = start(name, report, install)
        found.watch.until(lambda now: bool(now) and all(one.is_done for one in now.values()), time.monotonic(), 300)
        yield found
        found.watch.end()
    finally:
        if not KEPT:
            sandbox.reset(name)


@pytest.fixture(scope="session")
def polled(live: Live) -> Polled:
    """What polling alone brings, measured beside everything else."""
    found = Polled()
    found.start(live)
    return found


@pytest.fixture(scope="session")
def fifty(live: Live) -> list[str]:
    """The names of fifty Applications and more, all Synced and Healthy, added as `gitopsmith add app` does."""
    return scale.grow(live, 50, MISTAKEN)
