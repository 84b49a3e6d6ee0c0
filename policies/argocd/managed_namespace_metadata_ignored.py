"""What `managedNamespaceMetadata` says reaches the namespace.

Argo CD sets these labels and annotations only on a namespace that it creates itself: without `CreateNamespace=true` it
never looks at them (`controller/sync.go`), and where the Application deploys a Namespace of that name too, the manifest
is used instead (`isManagedNamespace` in `controller/state.go`). Labels of Pod Security that stand here alone are then
on no namespace.

Exempt: Applications whose destination has no namespace; a Namespace of another name.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Deployed, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import mapping, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
ROUTE = ("spec", "syncPolicy", "managedNamespaceMetadata")


def check_repository(repository: Repository) -> Iterator[Violation]:
    known = {id(each.application): each for each in repository.deployed}
    for application in repository.applications:
        namespace = text(application.destination, "namespace")
        if application.disabled or not namespace or not mapping(application.body, *ROUTE):
            continue
        if "CreateNamespace=true" not in application.sync_options:
            message = "without CreateNamespace=true Argo CD sets this on no namespace; add the sync option"
            yield Violation(ROUTE, message, application)
        elif id(application) in known and _deploys(known[id(application)], namespace):
            message = (
                f"the Namespace {namespace!r} that this Application deploys is used instead; "
                "write the metadata there, or remove the manifest"
            )
            yield Violation(ROUTE, message, application)


def _deploys(deployed: Deployed, namespace: str) -> bool:
    return any((fact.api_version, fact.kind, fact.name) == ("v1", "Namespace", namespace) for fact in deployed.objects)


GOOD = [
    "managed-namespace-metadata-used",
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
    namespace: web
  syncPolicy:
    managedNamespaceMetadata:
      labels:
        pod-security.kubernetes.io/enforce: restricted
    syncOptions:
      - CreateNamespace=true
""",
]
BAD = [
    "managed-namespace-metadata-ignored",
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
    namespace: web
  syncPolicy:
    managedNamespaceMetadata:  # <- here
      labels:
        pod-security.kubernetes.io/enforce: restricted
""",
]
