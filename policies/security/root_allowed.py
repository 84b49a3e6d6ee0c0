"""Containers do not run as root.

Root in a container is root on the node as soon as anything else fails, and may change the container's own programs.
Either `runAsUser` names another user, or `runAsNonRoot` has the kubelet refuse to start an image that would run as
root; a container inherits both from its pod. Pod Security Standard *restricted* asks for `runAsNonRoot`
(`check_runAsNonRoot.go` of k8s.io/pod-security-admission); a user above 0 is as good, and passes here.

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; pods in a user namespace of their own (`hostUsers: false`); Windows pods; privileged containers, which
`container-privileged` reports; what only is not said, in a build with objects of OpenShift, whose SCC `restricted-v2`
says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.podsecurity import filled_by_openshift, is_meant, unconfined
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers, pod_route, pod_spec

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"
CONTEXT = "securityContext"


def check_resource(resource: Resource) -> Iterator[Violation]:
    spec = pod_spec(resource)
    if is_meant(resource) or spec.get("hostUsers") is False or get(spec, "os", "name") == "windows":
        return
    privileged = unconfined(resource)
    for route, container in containers(resource):
        place, user = _inherited(resource, route, container, "runAsUser")
        if route in privileged or (isinstance(user, int) and user > 0):
            continue
        who = f"container {container.get('name')!r}"
        if user == 0:
            yield Violation(place, f"{who} runs as root; give it another runAsUser")
            continue
        place, non_root = _inherited(resource, route, container, "runAsNonRoot")
        if non_root is not True and not (non_root is None and filled_by_openshift(resource)):
            yield Violation(place, f"{who} may run as root; set runAsNonRoot to true")


def _inherited(resource: Resource, route: Route, container: dict[str, Any], field: str) -> tuple[Route, Any]:
    """Returns a field of the security context that counts for a container, with the place that says it."""
    own, shared = get(container, CONTEXT, field), get(pod_spec(resource), CONTEXT, field)
    if own is None and shared is not None:
        return (*(pod_route(resource) or ()), CONTEXT, field), shared
    return (*route, CONTEXT, field), own


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  securityContext:
    runAsNonRoot: true
  initContainers:
    - name: migrate
      image: shop/migrate:1.4.2
      securityContext:
        runAsNonRoot: null
        runAsUser: 1000
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  securityContext:
    runAsNonRoot: true
  containers:
    - name: web
      image: shop/web:1.4.2
      securityContext:
        runAsUser: 0  # <- here
    - name: proxy
      image: shop/proxy:1.0.0
      securityContext:
        runAsNonRoot: false  # <- here
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web  # <- here
      image: shop/web:1.4.2
""",
]
