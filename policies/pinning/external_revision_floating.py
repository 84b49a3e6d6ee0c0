"""A source in another repository asks for one version of it.

On a branch, on `HEAD`, or with a range such as `v1.*`, what is applied changes without a commit in this repository
(docs/user-guide/tracking_strategies.md of Argo CD): nobody reviews it here, and a rollback through git does not bring
the old state back. The same holds for a source that gives values alone.

It is an error where Argo CD syncs the Application by itself and nobody chose what it follows: no revision, `HEAD`, or a
range, of somebody else's repository. A warning where a branch is named, or the repository is of the same owner, which a
team with more than one repository may mean so, though whoever pushes there changes what runs here; and where people
sync it by hand, for then somebody decides when the new revision comes.

Exempt: the repository itself on a branch, which is how GitOps works; tags and commits; names that are not recognised
as a branch; and everything as long as it is not known which URLs mean this repository.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Source, is_fixed
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
NEEDS_OWNERSHIP = True


def check_application(application: Application) -> Iterator[Violation]:
    for source in application.sources:
        if not source.own and source.type != "chart" and source.repo_url and not is_fixed(source.body):
            revision = repr(source.target_revision) if source.target_revision else "the default branch"
            yield Violation(
                (*source.route, "targetRevision" if "targetRevision" in source.body else "repoURL"),
                f"the source follows {revision} of another repository; write a tag or a commit as targetRevision",
                severity=None if application.is_automated and not _may_be_meant(source) else Severity.WARNING,
            )


def _may_be_meant(source: Source) -> bool:
    """Tells whether somebody chose to follow: a branch by its name, or a repository of their own."""
    revision = source.target_revision
    return source.near or (revision not in {"", "HEAD", "latest"} and not argocd.is_range(revision))


GOOD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://git.example.com/vendor/operator.git
    targetRevision: v1.4.2
    path: deploy
  destination:
    name: production
"""
]
BAD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  sources:
    - repoURL: https://git.example.com/vendor/operator.git
      targetRevision: main  # <- here
      path: deploy
    - repoURL: https://git.example.com/vendor/values.git  # <- here
      ref: values
  destination:
    name: production
  syncPolicy:
    automated: {}
""",
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: synced-by-hand
spec:
  project: shop
  source:
    repoURL: https://git.example.com/vendor/operator.git
    targetRevision: main  # <- here
    path: deploy
  destination:
    name: production
""",
]
