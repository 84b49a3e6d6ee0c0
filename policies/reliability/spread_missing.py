"""The pods of a workload are spread.

Left alone, the scheduler may put all of them on one node or into one zone, which takes them all down when it fails:
what it does on its own is a preference, weaker than most others
(https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/). Either a
`topologySpreadConstraints` or a `podAntiAffinity` that fits the pods' own labels is enough, whatever its topology.

Off by default: a cluster may have one node, or constraints of its own for all pods.
Exempt: workloads of a single pod, numbers that are filled in later, pods that only hold a place (`pause`); and hooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get, items, mapping
from gitopsmith.policy import Violation
from gitopsmith.workload import is_hook, matches, pod_labels, pod_route

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = scaling.REPLICATED
PROFILE = "production"
TERMS = "DuringSchedulingIgnoredDuringExecution"


def check_resource(resource: Resource) -> Iterator[Violation]:
    route, fewest = pod_route(resource), scaling.fewest(resource)
    if route is None or fewest is None or fewest < 2 or is_hook(resource) or scaling.holds_places(resource):
        return
    pod, labels = mapping(resource.body, *route), pod_labels(resource)
    spreading = (get(one, "labelSelector") for _, one in items(pod, "topologySpreadConstraints"))
    apart = (term.get("labelSelector") for term in _terms(pod) if _is_about(term, resource.namespace))
    if not any(matches(selector, labels) for selector in (*spreading, *apart)):
        message = f"nothing keeps the {fewest} pods of {resource.kind} {resource.name!r} from sharing one node"
        yield Violation(route, f"{message}; add a topologySpreadConstraint with their labels")


def _terms(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for _, term in items(pod, "affinity", "podAntiAffinity", f"required{TERMS}"):
        yield term
    for _, row in items(pod, "affinity", "podAntiAffinity", f"preferred{TERMS}"):
        yield mapping(row, "podAffinityTerm")


def _is_about(term: dict[str, Any], namespace: str) -> bool:
    """Tells whether a term of an affinity is about the pod's own namespace, which it is unless it says otherwise."""
    named = term.get("namespaces")
    return not named or namespace in named or term.get("namespaceSelector") is not None


GOOD = [
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector:
                  matchLabels:
                    app: web
      containers:
        - name: web
          image: shop/web:1.4.2
""",
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app: web
      containers:
        - name: web
          image: shop/web:1.4.2
""",
    """\
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
""",
]
BAD = [
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:  # <- here
      containers:
        - name: web
          image: shop/web:1.4.2
""",
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:  # <- here
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector:
                  matchLabels:
                    app: api
      containers:
        - name: web
          image: shop/web:1.4.2
""",
]
