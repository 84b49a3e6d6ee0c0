"""Argo CD is applied server-side where it manages itself.

The definition of ApplicationSets is larger than what a client-side apply can record since 3.3, so that the sync which
would upgrade Argo CD fails at it: `metadata.annotations: Too long` (`docs/operator-manual/upgrading/3.2-3.3.md` of Argo
CD; its documentation of installing says `kubectl apply --server-side` since then). Judged where an Application deploys
a kustomization that includes a release of Argo CD by its URL, in a version of 3.3 or newer.

Exempt: Applications with `ServerSideApply=true` or `Replace=true`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.argocd import versions
from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
SINCE = "3.3"


def check_repository(repository: Repository) -> Iterator[Violation]:
    installing = {item.directory: _installed(item) for item in repository.kustomizations}
    for application in repository.applications:
        spared = application.disabled or {"ServerSideApply=true", "Replace=true"} & set(application.sync_options)
        for source in application.sources if not spared else ():
            version = installing.get(source.directory_path, "") if source.own and source.path else ""
            if version and versions.number(version) >= versions.number(SINCE):
                message = (
                    f"Argo CD {version} has a definition that a client-side apply cannot record; "
                    "write ServerSideApply=true into spec.syncPolicy.syncOptions"
                )
                yield Violation((*source.route, "path"), message, application)


def _installed(item: Kustomization) -> str:
    return versions.installed(reference.text for reference, state in item.states.items() if state is State.REMOTE)


GOOD = ["argocd-applied-server-side"]
BAD = ["argocd-applied-client-side"]
