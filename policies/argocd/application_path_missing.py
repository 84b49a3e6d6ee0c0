"""The path of an Application exists in this repository.

Argo CD answers `app path does not exist` (`util/app/path/path.go`) and the Application stays in `ComparisonError`:
what it deployed before keeps running and no change reaches it any more. A directory that was renamed or deleted
leaves this behind.

A source that asks for a tag or a commit is looked up there. A warning instead: an Application in a file that the
kustomization beside it does not include, since nothing applies it; and a source that asks for a tag or a commit where
git cannot tell.
Exempt: sources in other repositories that were not fetched, paths that are to be filled in (`APP_PATH`), and everything
as long as it is not known which URLs mean this repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Source
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]*|.*(\{\{|\$\{|<).*")
WRONG = {
    "missing": "does not exist in this repository",
    "outside": "leads out of this repository",
    "file": "is a file, and Argo CD takes directories",
}


def check_application(application: Application) -> Iterator[Violation]:
    for source in application.sources:
        if source.is_here and source.present in WRONG and not PLACEHOLDER.fullmatch(source.path):
            unsure = application.disabled or (_is_fixed(source) and not source.commit)
            wrong = WRONG[source.present] + (f" at {source.target_revision}" if source.commit else "")
            wrong = wrong if source.own else wrong.replace("this", "that")
            yield Violation(
                (*source.route, "path"),
                f"path {source.path!r} {wrong}; write the directory that this Application deploys",
                severity=Severity.WARNING if unsure else None,
            )


def _is_fixed(source: Source) -> bool:
    return argocd.is_commit(source.target_revision) or argocd.is_version(source.target_revision)


GOOD = ["application-good"]
BAD = [
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
    path: apps/wbe  # <- here
  destination:
    name: production
    namespace: web
"""
]
