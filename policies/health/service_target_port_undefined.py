"""A Service that sends to a named port sends to pods that have it.

A named `targetPort` is looked up in each selected pod; a pod without it gets no traffic on this port
(`pkg/api/v1/pod/util.go` of Kubernetes, `FindPort`). When no selected pod has it, the port of the Service leads
nowhere.

Looked at only where workloads of the same build carry the Service's labels, and only if none of them has the port.
Exempt: port numbers, Services without a selector, and pods into which a proxy with ports of its own is injected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, mapping
from gitopsmith.policy import Violation
from gitopsmith.workload import POD_ROUTES, long_running, port_names, selected

SEVERITY = Severity.ERROR
SIBLINGS = True
KINDS = frozenset({"Service"})
INJECTION = re.compile(r"inject|sidecar|dapr\.io/enabled")


def check_resource(resource: Resource) -> Iterator[Violation]:
    ports = [
        (route, port["targetPort"]) for route, port in items(resource.body, "spec", "ports") if "targetPort" in port
    ]
    named = [(route, target) for route, target in ports if isinstance(target, str) and not target.isdigit()]
    workloads = selected(resource) if named else ()
    if any(_is_injected(workload) for workload in workloads):
        return
    names = {
        name for workload in workloads for _, container in long_running(workload) for name in port_names(container)
    }
    for route, target in named:
        if workloads and target not in names:
            pods = ", ".join(sorted({f"{workload.kind} {workload.name!r}" for workload in workloads}))
            known = f"name one of {', '.join(sorted(names))}" if names else "name the port of the container"
            message = f"targetPort {target!r} is a port that no container of {pods} declares; {known}"
            yield Violation((*route, "targetPort"), message)


def _is_injected(workload: Resource) -> bool:
    """Tells whether the pods ask for a container that their manifest does not show, as service meshes add it."""
    metadata = mapping(workload.body, *POD_ROUTES[workload.group_kind][:-1], "metadata")
    keys = (*mapping(metadata, "labels"), *mapping(metadata, "annotations"))
    return any(INJECTION.search(key) for key in keys)


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
      targetPort: http
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
      ports:
        - name: http
          containerPort: 8080
      readinessProbe:
        httpGet:
          port: http
"""
]
BAD = [
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
      targetPort: web  # <- here
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
      ports:
        - name: http
          containerPort: 8080
"""
]
