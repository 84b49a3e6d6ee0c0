"""A source in another repository asks for one version of it.

On a branch, on `HEAD`, or with a range such as `v1.*`, what is applied changes without a commit in this repository
(docs/user-guide/tracking_strategies.md of Argo CD): nobody reviews it here, and a rollback through git does not bring
the old state back. The same holds for a source that gives values alone.

Who follows another repository may mean it: a team with several, or a platform whose tenants deploy from theirs. So it
is a warning; `rules: {external-revision-floating: error}` makes it more. A chart without one version is an error
(`chart-version-floating`), since who publishes charts knows nothing of who follows them.

Exempt: the repository itself on a branch, which is how GitOps works; tags and commits; names that are not recognised
as a branch; and everything as long as it is not known which URLs mean this repository.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application, is_fixed
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
NEEDS_OWNERSHIP = True


def check_application(application: Application) -> Iterator[Violation]:
    for source in application.sources:
        if not source.own and source.type != "chart" and source.repo_url and not is_fixed(source.body):
            revision = repr(source.target_revision) if source.target_revision else "the default branch"
            yield Violation(
                (*source.route, "targetRevision" if "targetRevision" in source.body else "repoURL"),
                f"the source follows {revision} of another repository; write a tag or a commit as targetRevision",
            )


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
]
