"""A revert gets through while a bad release is still being retried.

While a sync has something left to do, a later wave or a hook after the sync, Argo CD waits for what it applied to get
healthy. A release that never does fails at its progress deadline, and then each retry applies the same bad commit
again: the revert that was pushed meanwhile waits for all of them (measured on Argo CD 3.6.1: not let in within 280
seconds). With `retry.refresh: true` the next retry takes the newest commit, and the revert is in seconds after the
first failure (`processRequestedAppOperation` in `controller/appcontroller.go`; Argo CD 3.2 and newer).

StatefulSets and DaemonSets have no progress deadline, so that Argo CD never calls them failed
(`gitops-engine/pkg/health`) and waits until somebody ends the sync, whatever `retry` says. With `refresh: true`, that
is an info.

Exempt: Applications that are not synced automatically; Deployments with `limit: 0`, where nothing is retried; those
whose workloads are all in the last step, since Argo CD does not wait for that; hooks before the sync.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application, Deployed, ObjectFact, Repository
from gitopsmith.finding import Edit, Route, Severity
from gitopsmith.manifest import get, mapping
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.WARNING
FAILING = frozenset({"Deployment.apps", "Rollout.argoproj.io"})
"""Kinds that Argo CD calls Degraded at their progress deadline."""
ENDLESS = frozenset({"StatefulSet.apps", "DaemonSet.apps"})
ORDER = {"PreSync": -1, "Sync": 0, "PostSync": 1}
POLICY: Route = ("spec", "syncPolicy")
RETRY = {"limit": 5, "refresh": True}
"""What Argo CD does where nothing is said of retries (``autoSync``), with the newest commit each time."""
Pair = tuple[ObjectFact, ObjectFact]


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        application = each.application
        if application.disabled or not application.is_automated:
            continue
        failing, endless = _blocking(each, FAILING), _blocking(each, ENDLESS)
        if failing is not None and _repeats(application):
            message = f"{_waits(failing)}, so a bad release is retried and its revert is not let in"
            yield Violation(_route(application), f"{message}; write refresh: true under retry", application)
        elif endless is not None:
            severity = None if _repeats(application) else Severity.INFO
            message = f"{_waits(endless)}, without end if it hangs, and no revert is let in meanwhile; apply it last"
            yield Violation(_route(application), message, application, severity)


def _repeats(application: Application) -> bool:
    """Tells whether a failed sync is tried again at the same commit; without ``retry`` Argo CD does so five times."""
    retry = get(application.body, *POLICY, "retry")
    if not isinstance(retry, dict):
        return True
    return retry.get("refresh") is not True and retry.get("limit", 0) != 0


def _blocking(deployed: Deployed, kinds: frozenset[str]) -> Pair | None:
    """Returns a workload of some kinds with an object of the last step, when the workload is in an earlier one."""
    steps = {fact: (ORDER[phase], wave) for fact in deployed.objects for phase, wave in [fact.step] if phase in ORDER}
    if not steps:
        return None
    last = max(steps, key=lambda fact: steps[fact])
    workloads = [fact for fact in steps if fact.resource.group_kind in kinds and not fact.hook]
    first = min(workloads, key=lambda fact: (steps[fact], fact.name), default=None)
    return (first, last) if first is not None and steps[first] < steps[last] else None


def _waits(pair: Pair) -> str:
    workload, later = pair
    return f"{workload.kind} {workload.name!r} is waited for before {later.kind} {later.name!r}"


def _route(application: Application) -> Route:
    return (*POLICY, "retry") if mapping(application.body, *POLICY, "retry") else POLICY


def fix(application: Application, violation: Violation) -> Remedy | None:
    """Lets retries take the newest commit; where ``retry`` is not there, as often as Argo CD retries without it."""
    if not violation.message.endswith("write refresh: true under retry"):
        return None
    retries = isinstance(get(application.body, *POLICY, "retry"), dict)
    edit = Edit("put", (*POLICY, "retry", "refresh"), True) if retries else Edit("put", (*POLICY, "retry"), RETRY)
    return Remedy("write refresh: true under retry", (edit,))


GOOD = ["revert-let-in", "application-good"]
BAD = ["revert-blocked"]
FIXED = [
    (
        "revert-blocked",
        """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
spec:
  project: shop
  source:
    repoURL: https://git.example.com/team/fleet.git
    targetRevision: main
    path: apps/web
  destination:
    name: production
    namespace: web
  syncPolicy:
    automated:
      prune: true
    retry:  # <- here
      limit: 3
      refresh: true
""",
    ),
    (
        "revert-blocked",
        """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: api
  namespace: argocd
spec:
  project: shop
  source:
    repoURL: https://git.example.com/team/fleet.git
    targetRevision: main
    path: apps/api
  destination:
    name: production
    namespace: api
  syncPolicy:  # <- here
    automated:
      prune: true
    retry:
      limit: 5
      refresh: true
""",
    ),
]
