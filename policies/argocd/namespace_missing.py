"""The namespace that an Application deploys to is made by something.

Without the namespace the API server refuses every object in it: `namespaces "shop" not found`. Argo CD makes it with
`CreateNamespace=true`, and only the namespace of the destination. On a new cluster the Application fails until somebody
makes the namespace by hand. Said once for a namespace of a cluster, where other namespaces of that cluster are made
here, so that this one is likely forgotten, and where everything that goes there could be rendered but charts.

Exempt: namespaces that every cluster has, those of Argo CD and of OpenShift; clusters that are not known; namespaces
into which nothing is known to go; Applications that nothing includes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import fleet
from gitopsmith.application import Application, Deployed, Repository
from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import text
from gitopsmith.policy import Remedy, Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.WARNING
THERE = re.compile(r"default|kube-.*|openshift|openshift-.*|argocd|argo-cd")
MAKES = frozenset({
    "Namespace", "Project.project.openshift.io", "ProjectRequest.project.openshift.io",
    "SubnamespaceAnchor.hnc.x-k8s.io",
})  # fmt: skip


def check_repository(repository: Repository) -> Iterator[Violation]:
    for cluster, deployed in fleet.by_cluster(repository).items():
        made = {name for each in deployed for name in _made(each)} if all(map(_is_seen, deployed)) else set()
        for namespace, applications in _wanted(deployed).items() if made else ():
            if namespace not in made and not any(each.application.namespace == namespace for each in deployed):
                message = (
                    f"nothing here makes namespace {namespace!r} of cluster {cluster!r}; "
                    "write CreateNamespace=true under syncOptions"
                )
                yield Violation(("spec", "destination", "namespace"), message, applications[0])


def _is_seen(deployed: Deployed) -> bool:
    return deployed.complete or all(source.type == "chart" for source in deployed.application.sources)


def _made(deployed: Deployed) -> Iterator[str]:
    if "CreateNamespace=true" in deployed.application.sync_options:
        yield text(deployed.application.destination, "namespace")
    yield from (fact.name for fact in deployed.objects if fact.resource.group_kind in MAKES)


def _wanted(deployed: list[Deployed]) -> dict[str, list[Application]]:
    """Returns the namespaces to which objects go because the destination says so, with the Applications."""
    found: dict[str, list[Application]] = defaultdict(list)
    for each in deployed:
        name = text(each.application.destination, "namespace")
        goes_there = any(fact.scope == "Namespaced" and fact.namespace in ("", name) for fact in each.objects)
        if name and goes_there and not THERE.fullmatch(name) and not is_filled_in_later(name):
            found[name].append(each.application)
    return found


def fix(_subject: Application, violation: Violation) -> Remedy | None:
    """Lets the Application make its namespace, unless it says that it does not."""
    options = violation.subject.sync_options
    edits = (Edit("append", ("spec", "syncPolicy", "syncOptions"), "CreateNamespace=true"),)
    is_said = any(option.startswith("CreateNamespace=") for option in options)
    return Remedy("write CreateNamespace=true under syncOptions", edits) if not is_said else None


GOOD = ["namespace-made", "application-good"]
BAD = ["namespace-missing"]
FIXED = [
    (
        "namespace-missing",
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
    path: api
  destination:
    name: production
    namespace: api  # <- here
  syncPolicy:
    syncOptions:
      - CreateNamespace=true
""",
    ),
]
