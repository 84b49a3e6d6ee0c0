"""The replicas of one Application do not reach another.

Argo CD writes kustomize options into the checkout that it renders from, and lets nobody else render there meanwhile --
but not for `replicas`, which `AllowsConcurrentProcessing` leaves out (`pkg/apis/application/v1alpha1/types.go` of Argo
CD 3.6.1). Where they are the only option, an Application of the same directory and revision that is rendered at the
same time gets these counts too, and its manifests are cached so until the next commit. Any other option beside them,
such as an image or a label, has Argo CD lock the checkout; an overlay with `replicas` of its own needs no option.

Exempt: directories that only one Application deploys; Applications that share no Argo CD as far as this repository
tells; those that nothing includes; and sources of other repositories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from gitopsmith import fleet
from gitopsmith.application import Application, Repository, Source
from gitopsmith.finding import Severity
from gitopsmith.manifest import mapping, sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
LOCKING = (
    "images", "commonLabels", "commonAnnotations", "namePrefix", "namespace", "nameSuffix", "patches", "components",
)  # fmt: skip


class Use(NamedTuple):
    """A source that is rendered in a checkout without a lock."""

    application: Application
    source: Source


def check_repository(repository: Repository) -> Iterator[Violation]:
    homes = fleet.homes(repository.applications)
    for uses in _unlocked(repository.applications).values():
        for use in uses:
            if sequence(use.source.body, "kustomize", "replicas"):
                others = [
                    other.application.name
                    for other in uses
                    if other.application.key != use.application.key
                    and homes[use.application] & homes[other.application]
                ]
                if others:
                    yield _violation(use, min(others))


def _unlocked(applications: tuple[Application, ...]) -> dict[tuple[str, str], list[Use]]:
    """Returns the sources that Argo CD renders side by side, by directory and revision."""
    found: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for application in applications:
        for source in application.sources if not application.disabled else ():
            options = mapping(source.body, "kustomize")
            if source.own and source.path and not any(options.get(name) for name in LOCKING):
                found[source.directory_path, source.target_revision].append(Use(application, source))
    return found


def _violation(use: Use, other: str) -> Violation:
    message = (
        f"Argo CD may give these counts to Application {other!r} as well, which deploys the same directory; "
        "write them into an overlay"
    )
    return Violation((*use.source.route, "kustomize", "replicas"), message, use.application)


_TWO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web-small
spec:
  project: shop
  source:
    repoURL: https://git.example.com/team/fleet.git
    targetRevision: main
    path: apps/web
  destination: {name: production, namespace: small}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web-big
spec:
  project: shop
  source:
    repoURL: https://git.example.com/team/fleet.git
    targetRevision: main
    path: apps/web
    kustomize:
OPTION      replicas:
        - name: web
          count: 9
  destination: {name: production, namespace: big}
"""
GOOD = [_TWO.replace("OPTION", "      nameSuffix: -big\n")]
BAD = [_TWO.replace("OPTION", "").replace("replicas:", "replicas:  # <- here")]
