"""A Service sends its traffic to pods that are there.

A Service whose selector fits no pod has no endpoints: every connection to it is refused, and nothing says why. Looked
at only where the build that has the Service has workloads too, and none of them carries the labels of the selector.

Exempt: Services without a selector and of type ExternalName; builds with custom resources, whose operators may make
the pods; selectors of pods that something else makes: those of a StatefulSet by its pod's name, of kube-system and of a
pod that is chosen by `statefulset.kubernetes.io/pod-name`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import Violation
from gitopsmith.workload import POD_ROUTES, pod_labels, selects

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({"Service"})
ROUTE = ("spec", "selector")
CORE = re.compile(
    r"[^.]*|.*\.k8s\.io|.*argoproj\.io|monitoring\.coreos\.com|bitnami\.com|external-secrets\.io|cert-manager\.io|"
    r".*openshift\.io|traefik\.io"
)
"""Groups of kinds that make no pods to which a Service could send."""


def check_resource(resource: Resource) -> Iterator[Violation]:
    selector = mapping(resource.body, *ROUTE)
    if not selector or resource.get("spec", "type") == "ExternalName" or resource.namespace == "kube-system":
        return
    workloads = _workloads(resource.siblings)
    reached = any(each.namespace == resource.namespace and selects(selector, pod_labels(each)) for each in workloads)
    if workloads and not reached and "statefulset.kubernetes.io/pod-name" not in selector:
        near = min(workloads, key=lambda each: (-_shared(selector, each), each.kind, each.name))
        labels = ", ".join(f"{name}={value}" for name, value in selector.items())
        message = (
            f"no workload that comes with Service {resource.name!r} has the labels {labels}{_hint(selector, near)}"
        )
        yield Violation(ROUTE, message)


@functools.lru_cache(maxsize=4)
def _workloads(siblings: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Returns the workloads of a build, none where something of it may make more of them."""
    if not all(CORE.fullmatch(sibling.group) for sibling in siblings):
        return ()
    return tuple(sibling for sibling in siblings if sibling.group_kind in POD_ROUTES)


def _shared(selector: dict[str, object], workload: Resource) -> int:
    labels = pod_labels(workload)
    return sum(labels.get(name) == value for name, value in selector.items())


def _hint(selector: dict[str, object], near: Resource) -> str:
    labels = pod_labels(near)
    wrong = [f"{name}={labels[name]}" for name, value in selector.items() if name in labels and labels[name] != value]
    return f"; {near.kind} {near.name!r} has {', '.join(wrong)}" if wrong else f"; look at {near.kind} {near.name!r}"


GOOD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: v1
kind: Service
metadata:
  name: elsewhere
spec:
  type: ExternalName
  externalName: web.example.com
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
        tier: front
    spec:
      containers:
        - name: web
          image: shop/web:1.4.2
""",
    """\
apiVersion: v1
kind: Service
metadata:
  name: database
spec:
  selector:
    cluster: database
  ports:
    - port: 5432
---
apiVersion: database.example.com/v1
kind: Cluster
metadata:
  name: database
spec: {}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
""",
]
BAD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:  # <- here
    app: wbe
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: shop/web:1.4.2
"""
]
