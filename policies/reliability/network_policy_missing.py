"""Some network policy says who may speak to a pod.

Without one, every pod of every namespace reaches every port of it: what breaks into one workload walks on to the next.
A policy that selects every pod of the namespace counts, and one that allows nothing.

Exempt: pods that share the network of their node, jobs, and workloads whose build has policies of Cilium, Calico or
an administrator, which are not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get, mapping, sequence
from gitopsmith.policy import Violation
from gitopsmith.workload import RUN_TO_COMPLETION, WORKLOADS, pod_labels, pod_route, selects

SEVERITY = Severity.INFO
PROFILE = "production"
SIBLINGS = True
KINDS = WORKLOADS - RUN_TO_COMPLETION
POLICY = "NetworkPolicy.networking.k8s.io"


def check_resource(resource: Resource) -> Iterator[Violation]:
    route = pod_route(resource)
    others = any(each.kind.endswith("NetworkPolicy") and each.group_kind != POLICY for each in resource.siblings)
    if route is None or others or get(resource.body, *route, "hostNetwork") is True:
        return
    policies = (each for each in resource.siblings if each.group_kind == POLICY)
    if not any(each.namespace == resource.namespace and _is_about(each, resource) for each in policies):
        message = f"no NetworkPolicy beside {resource.kind} {resource.name!r} selects its pods; write one"
        yield Violation(route, message)


def _is_about(policy: Resource, workload: Resource) -> bool:
    """Tells whether a policy selects a workload's pods; expressions are taken to fit."""
    selector = mapping(policy.body, "spec", "podSelector")
    labels = mapping(selector, "matchLabels")
    return bool(sequence(selector, "matchExpressions")) or not labels or selects(labels, pod_labels(workload))


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:%s
  containers:
    - name: web
      image: shop/web:1.4.2
"""
GOOD = [
    POD % ""
    + """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: all
spec:
  podSelector: {}
"""
]
BAD = [POD % "  # <- here"]
