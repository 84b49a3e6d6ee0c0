"""A commit that comes while Argo CD syncs is deployed afterwards.

With the annotation `argocd.argoproj.io/manifest-generate-paths`, some releases of Argo CD forget such a commit. The
refresh that meets it while a sync is going on records its revision and starts nothing; the next one finds no change
since then (`evaluateRevisionChanges` in `controller/state.go`), and without a change `alreadyAttemptedSync` in
`controller/appcontroller.go` compares sources and no revisions: to Argo CD this commit was tried already. If the sync
failed, its revert is never applied, whatever `selfHeal` says; if it went well, the commit is not applied, or with
`selfHeal: true` without its hooks. Only a later commit or a sync by hand helps
(https://github.com/argoproj/argo-cd/issues/27875; measured on 3.6.1).

These are 3.4.2 to 3.4.4, 3.4.8 to 3.4.13, 3.5.2 to 3.5.7, 3.6.0 and 3.6.1; newer ones are not known here.
The version is the one that `argocd` of the configuration or `--argocd-version` names, else the one that a kustomization
installs from its URL.

Exempt: repositories that say no version, or several of which one is not affected; Applications that are not synced
automatically; those whose syncs wait for nothing, because they have one wave and no hook that runs; charts, and
revisions that may be a tag or a commit.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Deployed, ObjectFact, Repository, Source
from gitopsmith.argocd import versions
from gitopsmith.finding import Severity
from gitopsmith.kustomization import State
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
ANNOTATION = "argocd.argoproj.io/manifest-generate-paths"
AFFECTED = (((3, 4, 2), (3, 4, 4)), ((3, 4, 8), (3, 4, 13)), ((3, 5, 2), (3, 5, 7)), ((3, 6, 0), (3, 6, 1)))
ORDER = {"PreSync": -1, "Sync": 0, "PostSync": 1}
SLOW = frozenset({"DaemonSet.apps", "Deployment.apps", "Job.batch", "Pod", "Rollout.argoproj.io", "StatefulSet.apps"})
"""Kinds that are not healthy at once (``gitops-engine/pkg/health``)."""


def check_repository(repository: Repository) -> Iterator[Violation]:
    installed = _installed(repository)
    if not installed or not all(map(_is_affected, installed)):
        return
    for each in repository.deployed:
        application, waited = each.application, _waited_for(each)
        if waited is not None and _picks_paths(application) and any(map(_moves, application.sources)):
            message = (
                f"Argo CD {installed[0]} forgets a commit that comes while a sync waits for {waited.kind} "
                f"{waited.name!r}, where these paths are given; remove the annotation"
            )
            yield Violation(("metadata", "annotations", ANNOTATION), message, application)


def _installed(repository: Repository) -> tuple[str, ...]:
    """Returns every version of Argo CD that the repository says it has."""
    if repository.config.names_argocd:
        return (repository.config.argocd,)
    remote = (
        reference.text
        for item in repository.kustomizations
        for reference, state in item.states.items()
        if state is State.REMOTE
    )
    return tuple(sorted({version for url in remote if (version := versions.installed([url]))}))


def _is_affected(version: str) -> bool:
    parts = version.removeprefix("v").split(".")
    found = tuple(int(part) for part in parts if part.isdecimal())
    return len(found) == len(parts) and any(first <= found <= last for first, last in AFFECTED)


def _picks_paths(application: Application) -> bool:
    return (
        bool(application.resource.annotations.get(ANNOTATION)) and application.is_automated and not application.disabled
    )


def _moves(source: Source) -> bool:
    return source.type not in {"chart", "values"} and argocd.is_external_floating(source.target_revision)


def _waited_for(deployed: Deployed) -> ObjectFact | None:
    """Returns what keeps a sync going: a hook that runs, or a workload before the last step."""
    steps = {fact: (ORDER[phase], wave) for fact in deployed.objects for phase, wave in [fact.step] if phase in ORDER}
    last = max(steps.values(), default=(0, 0))
    waited = [fact for fact in steps if fact.resource.group_kind in SLOW and (fact.hook or steps[fact] < last)]
    return min(waited, key=lambda fact: (steps[fact], fact.name), default=None)


GOOD = ["manifest-paths-keep-commit", "manifest-paths-lose-commit-unknown", "application-good"]
BAD = ["manifest-paths-lose-commit", "manifest-paths-lose-commit-installed"]
