"""A rollback through git is done within its budget, even from a release that hangs.

Where something comes after a workload, a later wave or a hook, Argo CD waits for the workload, and a release that never
gets healthy holds the sync until its `progressDeadlineSeconds` (600 where none is written). Then it waits for the next
retry, `duration` times `factor` at first, since Argo CD counts the attempt before it computes the wait
(`controller/appcontroller.go`, `NextRetryAt`). Only then can the revert be applied. Both together are compared with
`budgets.rollback` of the configuration, 120 seconds where it says nothing.

In the profile for production. Exempt: workloads in the last step, which are not waited for; Applications without
`retry.refresh: true`, for which `revert-blocked` speaks; `limit: 0`; kinds without a progress deadline.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Deployed, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import get, mapping
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
WITH_DEADLINE = frozenset({"Deployment.apps", "Rollout.argoproj.io"})
ORDER = {"PreSync": -1, "Sync": 0, "PostSync": 1}
DEADLINE = 600
DURATION, FACTOR, MOST = 5.0, 2, 180.0


def check_repository(repository: Repository) -> Iterator[Violation]:
    budget = repository.config.rollback_seconds
    for each in repository.deployed:
        application = each.application
        if application.disabled or not application.is_automated or not _refreshes(application):
            continue
        for workload in _waited_for(each):
            deadline = DEADLINE if workload.deadline is None else workload.deadline
            wait = _first_wait(application)
            if deadline + wait > budget:
                message = (
                    f"a release of {workload.kind} {workload.name!r} that hangs holds a rollback for "
                    f"{deadline + wait:g} seconds ({deadline} to its deadline, {wait:g} to the next retry), "
                    f"and the budget is {budget}; write a shorter progressDeadlineSeconds, or apply it last"
                )
                yield Violation(("spec", "progressDeadlineSeconds"), message, workload)


def _refreshes(application: Application) -> bool:
    retry = mapping(application.body, "spec", "syncPolicy", "retry")
    return retry.get("refresh") is True and retry.get("limit", 0) != 0


def _waited_for(deployed: Deployed) -> Iterator[ObjectFact]:
    steps = [(fact, (ORDER[fact.step[0]], fact.step[1])) for fact in deployed.objects if fact.step[0] in ORDER]
    last = max((step for _, step in steps), default=(0, 0))
    for fact, step in steps:
        if step < last and not fact.hook and fact.resource.group_kind in WITH_DEADLINE:
            yield fact


def _first_wait(application: Application) -> float:
    """Returns the seconds before the first retry."""
    backoff = get(application.body, "spec", "syncPolicy", "retry", "backoff")
    factor = mapping(backoff).get("factor")
    duration = _seconds(mapping(backoff).get("duration"), DURATION)
    most = _seconds(mapping(backoff).get("maxDuration"), MOST)
    wait = duration * (factor if isinstance(factor, int) else FACTOR)
    return min(wait, most) if most > 0 else wait


def _seconds(value: object, default: float) -> float:
    """Reads a Go duration, or a number of seconds; the default where there is none."""
    written = "" if value is None else str(value)
    if written.isdecimal():
        return float(written)
    found = argocd.seconds(written)
    return default if found is None else found


GOOD = ["rollback-in-budget", "application-good"]
BAD = ["rollback-over-budget"]
