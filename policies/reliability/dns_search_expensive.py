"""A pod looks up names of the outside world once.

A pod's resolver tries every name with fewer than five dots in each of the cluster's domains first, so that one lookup
of `api.example.com` becomes four or five
(https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config). With `ndots` of 2 that stops,
and names of Services with their namespace still work. An opinion.

Exempt: pods with a `dnsPolicy` of `Default` or `None`, and those in the network of their node; hooks.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, mapping, text
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, is_hook, pod_route

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF
FEW = {"0", "1", "2"}


def check_resource(resource: Resource) -> Iterator[Violation]:
    route = pod_route(resource)
    pod = mapping(resource.body, *route) if route is not None else {}
    elsewhere = text(pod, "dnsPolicy") in {"Default", "None"} or pod.get("hostNetwork") is True
    if route is None or elsewhere or is_hook(resource):
        return
    options = (option for _, option in items(pod, "dnsConfig", "options"))
    if not any(option.get("name") == "ndots" and str(option.get("value")) in FEW for option in options):
        message = f"the pods of {resource.kind} {resource.name!r} look up names of the outside four times"
        yield Violation((*route, "dnsConfig"), f"{message}; write ndots 2 in dnsConfig.options")


GOOD = [
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
      dnsConfig:
        options:
          - name: ndots
            value: "2"
      containers:
        - name: web
          image: shop/web:1.4.2
"""
]
BAD = [
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
    spec:  # <- here
      containers:
        - name: web
          image: shop/web:1.4.2
"""
]
