"""A project denies cluster-wide kinds in so many words.

A project without a `clusterResourceWhitelist` permits no kind that belongs to the whole cluster
(`IsGroupKindNamePermitted` in `app_project_types.go` of Argo CD), until somebody writes one. A
`clusterResourceBlacklist` with `*` for group and kind wins over any such list. An opinion, asked for by a sample policy
of Kyverno: what is denied twice is not safer today.

Exempt: projects that name the kinds that they may make, and the project `default`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import items, sequence
from gitopsmith.policy import OFF, Violation

SEVERITY = Severity.INFO
PROFILE = OFF


def check_repository(repository: Repository) -> Iterator[Violation]:
    for project in repository.projects:
        denied = [(item.get("group"), item.get("kind")) for _, item in items(project.body, "spec", DENIED)]
        named = sequence(project.body, "spec", "clusterResourceWhitelist")
        if ("*", "*") not in denied and not named and project.name != "default":
            message = (
                f"project {project.name!r} does not deny cluster-wide kinds; write group '*', kind '*' in {DENIED}"
            )
            yield Violation(("spec", DENIED), message, project)


DENIED = "clusterResourceBlacklist"
PROJECT = """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:%s
  sourceRepos:
    - https://git.example.com/team/shop.git
  destinations:
    - server: https://kubernetes.default.svc
      namespace: shop-*
"""
GOOD = [
    PROJECT % "" + "  clusterResourceBlacklist:\n    - group: '*'\n      kind: '*'\n",
    PROJECT % "" + "  clusterResourceWhitelist:\n    - group: ''\n      kind: Namespace\n",
]
BAD = [PROJECT % "  # <- here"]
