"""A ServiceMonitor or PodMonitor is about something that is there.

A monitor whose selector fits no Service, or no pod, scrapes nothing: no metric comes, and an alert about it never
fires. Looked at only where the build has Services (or workloads) of the namespaces that the monitor looks at, and none
of them has the labels.

Exempt: an empty selector, which selects everything; selectors with `matchExpressions`; monitors that look at namespaces
of other builds; builds with custom resources of operators, which may make what is selected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get, mapping, sequence
from gitopsmith.policy import Violation
from gitopsmith.workload import pod_labels, pod_route, selects

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({"ServiceMonitor.monitoring.coreos.com", "PodMonitor.monitoring.coreos.com"})
ROUTE = ("spec", "selector")
PLAIN = re.compile(r"[^.]*|.*\.k8s\.io|argoproj\.io|monitoring\.coreos\.com|bitnami\.com|external-secrets\.io")
MAKES = frozenset({"Prometheus", "Alertmanager", "ThanosRuler", "PrometheusAgent"})
"""Kinds of the same operator for which it makes Services and pods of its own."""


def check_resource(resource: Resource) -> Iterator[Violation]:
    labels = mapping(resource.body, *ROUTE, "matchLabels")
    if not labels or sequence(resource.body, *ROUTE, "matchExpressions"):
        return
    if any(not PLAIN.fullmatch(each.group) or each.kind in MAKES for each in resource.siblings):
        return
    what = "Service" if resource.kind == "ServiceMonitor" else "workload"
    seen = (_labels(each, what) for each in resource.siblings if _sees(resource, each))
    there = [each for each in seen if each is not None]
    if there and not any(selects(labels, each) for each in there):
        written = ", ".join(f"{name}={value}" for name, value in labels.items())
        yield Violation(
            ROUTE, f"no {what} beside this monitor has {written}, so it scrapes nothing; look at the labels"
        )


def _labels(resource: Resource, what: str) -> dict[str, Any] | None:
    if what == "Service":
        return resource.labels if resource.group_kind == "Service" else None
    return pod_labels(resource) if pod_route(resource) is not None else None


def _sees(monitor: Resource, resource: Resource) -> bool:
    names = sequence(monitor.body, "spec", "namespaceSelector", "matchNames")
    if get(monitor.body, "spec", "namespaceSelector", "any") is True:
        return True
    return resource.namespace in (names or [monitor.namespace])


SERVICE = """\
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    app: web
spec:
  selector:
    app: web
  ports:
    - name: metrics
      port: 9090
"""
GOOD = [
    """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  endpoints:
    - port: metrics
"""
    + SERVICE
]
BAD = [
    """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: web
spec:
  selector:  # <- here
    matchLabels:
      app: wbe
  endpoints:
    - port: metrics
"""
    + SERVICE
]
