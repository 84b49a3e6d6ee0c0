"""A pod that is meant to run has something that replaces it.

A Pod that is applied as such is gone with its node, or when the kubelet evicts it, and its image cannot be rolled out:
most of its fields cannot be changed
(https://kubernetes.io/docs/concepts/configuration/overview/#naked-pods-vs-replicasets-deployments-and-jobs).

Off by default: some pods are examples.
Exempt: hooks, and pods that run once.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import is_hook, runs_once

SEVERITY = Severity.WARNING
KINDS = frozenset({"Pod"})
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    if not is_hook(resource) and not runs_once(resource):
        message = f"nothing replaces Pod {resource.name!r} when it or its node is gone; make it a Deployment"
        yield Violation(("kind",), message)


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  restartPolicy: Never
  containers:
    - name: web
      image: shop/web:1.4.2
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    argocd.argoproj.io/hook: PostSync
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
""",
]
BAD = [
    """\
apiVersion: v1
kind: Pod  # <- here
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
