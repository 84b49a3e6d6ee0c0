"""The project of an Application allows its repositories.

Argo CD refuses an Application whose source its project does not allow: `application repo ... is not permitted in
project` (`ValidatePermissions` in `util/argo/argo.go`), and syncs nothing of it. An entry of `sourceRepos` is a glob
over the whole URL in which `*` stops at a slash and `**` does not; an entry that begins with `!` denies. URLs are
compared without case and `.git`, and braces mean nothing in them.

Exempt: projects that no manifest here defines or that are templates; what a global project may allow; a project of a
name that several environments define, as long as one of them may allow it; URLs with escapes; values that are to be
filled in; and Applications that nothing includes. A repository whose Secret says `project` belongs to that project too,
which is not to be seen here: silence this rule there.
Only a warning for the project `default`, of which every Argo CD has one of its own, and for what ApplicationSets
generate from clusters that `.gitopsmith.yaml` tells of.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.argocd import projects
from gitopsmith.argocd.projects import Project
from gitopsmith.finding import Severity
from gitopsmith.membership import all_deny, candidates, doubt, listed, where
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
PROFILE = "minimal"


def check_repository(repository: Repository) -> Iterator[Violation]:
    for application in repository.applications:
        found = () if application.disabled else candidates(repository, application)
        for source in application.sources if found else ():
            if _is_denied(found, source.repo_url):
                allowed = listed(pattern for project in found for pattern in project.sources)
                message = (
                    f"{where(repository, application)} does not allow the repository {source.repo_url!r}, "
                    f"only {allowed}; add it to sourceRepos, or take another source"
                )
                yield Violation((*source.route, "repoURL"), message, application, doubt(application))


def _is_denied(found: tuple[Project, ...], url: str) -> bool:
    if not url or is_filled_in_later(url):
        return False
    return all_deny(found, lambda project: projects.permits_source(project, url))


GOOD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
spec:
  project: shop
  source:
    repoURL: git@git.example.com:Team/web.git
    path: deploy
    targetRevision: v1.2.3
  destination:
    name: production
    namespace: web
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceRepos:
    - git@git.example.com:team/*
  destinations:
    - name: production
      namespace: web
"""
]
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
    repoURL: https://git.example.com/team/shop/web.git  # <- here
    path: deploy
    targetRevision: v1.2.3
  destination:
    name: production
    namespace: web
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceRepos:
    - https://git.example.com/team/*
  destinations:
    - name: production
      namespace: web
"""
]
