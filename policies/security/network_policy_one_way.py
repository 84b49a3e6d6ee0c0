"""Network policies say both whom a pod hears and whom it may call.

A policy counts for the directions that it names. One that only limits what comes in leaves a pod that was broken into
free to call out, to the API server, to the metadata of the cloud, to whoever waits for what it found
(https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation). An opinion:
whom a program calls is harder to know than who calls it.

Exempt: pods that no policy beside them selects, which is the rule `network-policy-missing`; pods that share the network
of their node; builds with policies of Cilium, Calico or an administrator, which are not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get, mapping, sequence
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, matches, pod_labels, pod_route

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = OFF
POLICY = "NetworkPolicy.networking.k8s.io"


def check_resource(resource: Resource) -> Iterator[Violation]:
    route = pod_route(resource)
    others = any(each.kind.endswith("NetworkPolicy") and each.group_kind != POLICY for each in resource.siblings)
    if route is None or others or get(resource.body, *route, "hostNetwork") is True:
        return
    named = {direction for policy in resource.siblings if _selects(policy, resource) for direction in _types(policy)}
    for direction, who in (("Ingress", "who calls"), ("Egress", "whom they call")):
        if named and direction not in named:
            message = f"no NetworkPolicy beside {resource.kind} {resource.name!r} says {who}; write one for {direction}"
            yield Violation(route, message)


def _selects(policy: Resource, workload: Resource) -> bool:
    here = policy.group_kind == POLICY and policy.namespace == workload.namespace
    return here and matches(policy.get("spec", "podSelector"), pod_labels(workload))


def _types(policy: Resource) -> set[str]:
    """Returns the directions that a policy counts for: what it says, else ``SetDefaults_NetworkPolicy``."""
    said = {each for each in sequence(policy.body, "spec", "policyTypes") if isinstance(each, str)}
    return said or {"Ingress", *(["Egress"] if "egress" in mapping(policy.body, "spec") else [])}


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
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: %s
  policyTypes:%s
    - Ingress
"""
GOOD = [POD % ("", "web", "\n    - Egress"), POD % ("", "api", "")]
BAD = [POD % ("  # <- here", "web", "")]
