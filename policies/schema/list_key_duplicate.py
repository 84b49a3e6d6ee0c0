"""No two items of a list have the key by which the API server tells them apart.

Ports of a container, pull secrets, host aliases and the secrets of a ServiceAccount are maps by a key
(`x-kubernetes-list-type: map` in the API's schema), and nothing but server-side apply insists on it. It refuses the
object (`duplicate entries for key`: `typed/validate.go` of structured-merge-diff, called without `AllowDuplicates` by
`Apply` in `pkg/util/managedfields/internal/structuredmerge.go` of apimachinery), so that a sync with `ServerSideApply`
fails, and a comparison with `ServerSideDiff` does too. Client-side apply takes it, and merges by such a key later: the
change of one of the two may go to the other, or take both away, of which the API server warns
(`pkg/api/pod/warnings.go` of Kubernetes).

Exempt: what the API server refuses however it is applied (`api-refused`, `container-name-duplicate`); variables
(`env-name-duplicate`); one port for two protocols; workloads that are no kinds of Kubernetes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, get, items
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers, pod_route

SEVERITY = Severity.WARNING
ACCOUNT = "ServiceAccount"
KINDS = WORKLOADS - {"Rollout.argoproj.io", "DeploymentConfig.apps.openshift.io"} | {ACCOUNT}
KEYS = {
    "ports": ("containerPort", "protocol"),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "secrets": ("name",),
}
"""What tells the items of each list apart (the markers ``listMapKey`` in ``core/v1/types.go`` of ``k8s.io/api``)."""
DEFAULTS = {"protocol": "TCP"}


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route in _lists(resource):
        field, seen = str(route[-1]), set[tuple[str, ...]]()
        for where, item in items(resource.body, *route):
            key = _key(item, KEYS[field])
            if key in seen:
                message = f"{field} has {' '.join(key)!r} twice, which server-side apply refuses"
                yield Violation((*where, KEYS[field][0]), f"{message}; remove one")
            seen |= {key} if key else set()


def _lists(resource: Resource) -> Iterator[Route]:
    if resource.group_kind == ACCOUNT:
        yield ("secrets",)
    pod = pod_route(resource)
    if pod is not None:
        yield from ((*pod, field) for field in ("imagePullSecrets", "hostAliases"))
        yield from ((*route, "ports") for route, _ in containers(resource))


def _key(item: dict[str, Any], fields: tuple[str, ...]) -> tuple[str, ...]:
    """Returns what tells an item apart as text, nothing where a part of it is missing."""
    values = [get(item, field) or DEFAULTS.get(field) for field in fields]
    return tuple(map(str, values)) if all(values) else ()


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: dns
spec:
  imagePullSecrets:
    - name: registry
    - name: mirror
  hostAliases:
    - ip: 10.0.0.1
      hostnames: [one.example.com, two.example.com]
    - ip: 10.0.0.2
      hostnames: [one.example.com]
  containers:
    - name: dns
      image: shop/dns:1.4.2
      ports:
        - name: dns
          containerPort: 53
        - name: dns-udp
          containerPort: 53
          protocol: UDP
    - name: metrics
      image: shop/metrics:1.4.2
      ports:
        - containerPort: 9153
""",
    """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: dns
secrets:
  - name: registry
  - name: mirror
imagePullSecrets:
  - name: registry
""",
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  imagePullSecrets:
    - name: registry
    - name: registry  # <- here
  hostAliases:
    - ip: 10.0.0.1
      hostnames: [one.example.com]
    - ip: 10.0.0.1  # <- here
      hostnames: [two.example.com]
  containers:
    - name: web
      image: shop/web:1.4.2
      ports:
        - name: http
          containerPort: 8080
        - name: metrics
          containerPort: 8080  # <- here
          protocol: TCP
""",
    """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
secrets:
  - name: registry
  - name: registry  # <- here
""",
]
