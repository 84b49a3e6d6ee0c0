"""Containers run as users and groups above 10000.

A low number is likely to be somebody on the node, whose files then belong to the container too, once it is out or has a
`hostPath`. An opinion: many images work with one user alone.

Off unless it is asked for by name.
Exempt: what is not set, of which `root-allowed` speaks; user 0, which it reports; group 0 on OpenShift, which gives it
to every container.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.podsecurity import filled_by_openshift
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers, pod_route, pod_spec

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "off"
LOWEST = 10_000
CONTEXT = "securityContext"


def check_resource(resource: Resource) -> Iterator[Violation]:
    route = pod_route(resource) or ()
    for where, body in ((route, pod_spec(resource)), *containers(resource)):
        for field in ("runAsUser", "runAsGroup"):
            number = get(body, CONTEXT, field)
            if not isinstance(number, int) or number > LOWEST or (number == 0 and field == "runAsUser"):
                continue
            if number > 0 or not filled_by_openshift(resource):
                message = f"{field} {number} may be somebody on the node; take a number above {LOWEST}"
                yield Violation((*where, CONTEXT, field), message)


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  securityContext:
    runAsUser: 10001
    runAsGroup: 10001
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
    runAsUser: 1000  # <- here
  containers:
    - name: web
      image: shop/web:1.4.2
      securityContext:
        runAsGroup: 0  # <- here
"""
]
