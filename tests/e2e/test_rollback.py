"""A bad release, and the files of the one before it put back by a new commit, with the clock on.

The clock runs from before the push to Synced and Healthy at the new commit: Argo CD's share of a rollback, without the
start of Pods, which pretend.
"""

from __future__ import annotations

import time

import pytest

from e2e.live import Live, run
from e2e.watch import PATH
from gitopsmith.sandbox import programs

pytestmark = pytest.mark.slow


def _good(live: Live, application: str, environment: str, tag: str) -> str:
    """Has a good release live before the bad one, and returns the name of the Application."""
    name = f"{application}-{environment}"
    live.until_done(name, live.fleet.release(application, environment, tag))
    return name


def test_after_it_failed(live: Live) -> None:
    name = _good(live, "web", "dev", "6.16.0")
    with live.failing(name):
        bad = live.fleet.release("web", "dev", "bad")
        failed = live.until(name, lambda one: one.revision == bad and one.health == "Degraded")
    live.report.record("a bad image -> Degraded", failed, note="progressDeadlineSeconds is 10")
    start = time.monotonic()
    took = live.until_runs(name, live.fleet.restore("web", "dev"), "6.16.0", start)
    live.report.promise("rollback: after the release failed", took, 30)


def test_what_is_broken_in_one_environment_holds_no_other_one_back(live: Live) -> None:
    """The root of the cluster is Degraded by what it has brought, itself among it, and goes on with its waves."""
    name = _good(live, "web", "dev", "6.16.1")
    with live.failing(name):
        live.fleet.release("web", "dev", "bad")
        live.until("platform-in-cluster", lambda one: one.health == "Degraded" and one.phase != "Running")
        live.fleet.replace("clusters/in-cluster/prod.yaml", r"^    environment: prod$", "\\g<0>\\n    tier: gold")
        start = time.monotonic()
        live.fleet.push("Label the root of prod")
        took = live.wait("the label", lambda: "tier" in live.api.get(f"{PATH}/root-prod")["metadata"]["labels"], start)
    live.report.promise("the root of prod changes while dev is broken", took, 30)
    live.until_runs(name, live.fleet.restore("web", "dev"), "6.16.1", time.monotonic())


def test_while_it_still_progresses(live: Live) -> None:
    name = _good(live, "web", "staging", "6.16.0")
    with live.failing(name):
        bad = live.fleet.release("web", "staging", "bad")
        live.until(name, lambda one: one.revision == bad and one.health == "Progressing")
        time.sleep(1)
    start = time.monotonic()
    took = live.until_runs(name, live.fleet.restore("web", "staging"), "6.16.0", start)
    live.report.promise("rollback: while the release still progresses", took, 30)


def test_while_its_operation_is_blocked_on_a_wave(live: Live) -> None:
    """The deadline of 10 s ends the operation, and the retry, 2 s later, takes the newest commit."""
    name = _good(live, "shop", "dev", "1.5.0")
    with live.failing(name):
        bad = live.fleet.release("shop", "dev", "bad")
        live.until(name, lambda one: one.is_blocked_at(bad))
        start = time.monotonic()
        took = live.until_runs(name, live.fleet.restore("shop", "dev"), "1.5.0", start)
    live.report.promise("rollback: while its operation is blocked on a wave", took, 30, "the deadline of 10 s ends it")


@pytest.mark.parametrize("way", ["argocd", "kubectl"])
def test_while_its_operation_is_blocked_on_a_wave_and_somebody_ends_it(live: Live, way: str) -> None:
    environment = {"argocd": "staging", "kubectl": "dev"}[way]
    name = _good(live, "shop", environment, "1.6.0")
    with live.failing(name):
        bad = live.fleet.release("shop", environment, "bad")
        live.until(name, lambda one: one.is_blocked_at(bad))
        start = time.monotonic()
        commit = live.fleet.restore("shop", environment)
        live.until(name, lambda one: one.revision == commit)
        called = time.monotonic()
        assert live.application(name).phase == "Running"
        _end(live, name, way)
        took = live.until_runs(name, commit, "1.6.0", start)
    live.report.record(f"  after {way} was called to end it", time.monotonic() - called, 10)
    live.report.promise(f"rollback: blocked on a wave, ended by {way}", took, 30)


def _end(live: Live, name: str, way: str) -> None:
    """Ends the operation of an Application in the ways of ``docs/rollback.md``."""
    if way == "kubectl":
        live.merge(f"{PATH}/{name}", {"status": {"operationState": {"phase": "Terminating"}}})
        return
    program = str(programs.Programs(live.folder / live.state.programs).bin / "argocd")
    environment = {"KUBECONFIG": str(live.folder / "kubeconfig"), "HOME": str(live.folder / "home")}
    run(program, "login", "--core", cwd=live.folder, environment=environment)
    run(program, "app", "terminate-op", name, cwd=live.folder, environment=environment)


def test_while_it_retries_the_bad_release(live: Live) -> None:
    name = _good(live, "shop", "prod", "1.5.0")
    with live.failing(name):
        bad = live.fleet.release("shop", "prod", "bad")
        live.until(name, lambda one: one.is_retried_at(bad))
        start = time.monotonic()
        took = live.until_runs(name, live.fleet.restore("shop", "prod"), "1.5.0", start)
    live.report.promise("rollback: while it retries the bad release", took, 30)
