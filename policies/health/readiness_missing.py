"""Containers that serve a Service say when they are ready.

Without a readiness probe a pod gets traffic as soon as its process starts, and a rollout goes on while the new
version still fails (https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/). Argo CD
takes the Deployment for healthy and starts the next sync wave on it.

Looked at: each container that runs as long as the pod and declares the port that a Service of the same build sends
to; where no container declares it, one probe in the pod is enough.
Exempt: pods that no Service selects, pods that run once, Jobs, hooks, ports for metrics by their name,
Services that publish pods before they are ready (`publishNotReadyAddresses`), and pods with a readiness gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, get, items
from gitopsmith.policy import Violation
from gitopsmith.workload import (
    RUN_TO_COMPLETION,
    WORKLOADS,
    is_for_metrics,
    is_hook,
    long_running,
    pod_route,
    port_names,
    port_numbers,
    runs_once,
    services,
)

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS - RUN_TO_COMPLETION


def check_resource(resource: Resource) -> Iterator[Violation]:
    route = pod_route(resource)
    if route is None or is_hook(resource) or get(resource.body, *route, "readinessGates"):
        return
    if runs_once(resource):
        return
    reported: set[Route] = set()
    for service in services(resource):
        if service.get("spec", "publishNotReadyAddresses") is True:
            continue
        for where, container in _serving(resource, service):
            if not container.get("readinessProbe") and where not in reported:
                reported.add(where)
                name = container.get("name")
                message = f"container {name!r} serves Service {service.name!r} without a readinessProbe; add one"
                yield Violation(where, message)


def _serving(resource: Resource, service: Resource) -> Iterator[tuple[Route, dict[str, Any]]]:
    found = list(long_running(resource))
    for _, port in items(service.body, "spec", "ports"):
        if is_for_metrics(port):
            continue
        target = port.get("targetPort", port.get("port"))
        declared = target if isinstance(target, str | int) else None
        serving = [item for item in found if declared in port_names(item[1]) | port_numbers(item[1])]
        if serving:
            yield from serving
        elif found and not any(container.get("readinessProbe") for _, container in found):
            yield found[0]


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
          ports:
            - name: http
              containerPort: 8080
          readinessProbe:
            httpGet:
              path: /ready
              port: http
        - name: logs
          image: shop/logs:1.0.0
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
      targetPort: http
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
        - name: web  # <- here
          image: shop/web:1.4.2
          ports:
            - name: http
              containerPort: 8080
"""
]
