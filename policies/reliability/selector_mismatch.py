"""A workload selects the pods that it makes.

The API server refuses a workload whose selector does not match the labels of its own template: `selector does not
match template labels`, and one whose selector is empty (`pkg/apis/apps/validation/validation.go` of Kubernetes). So do
those of a ReplicationController and of OpenShift's DeploymentConfig (`ValidateDeploymentConfigSpec`).

Exempt: Jobs, whose selector the cluster writes; expressions with an operator that Kubernetes does not have, which the
schema reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, get, items, mapping, sequence
from gitopsmith.policy import Violation
from gitopsmith.workload import expression_matches, pod_labels

SEVERITY = Severity.ERROR
PROFILE = "minimal"
PLAIN = frozenset({"DeploymentConfig.apps.openshift.io", "ReplicationController"})
"""Kinds whose selector is a map of labels, which is the template's own where it is left out."""
KINDS = frozenset({"Deployment.apps", "StatefulSet.apps", "DaemonSet.apps", "ReplicaSet.apps"}) | PLAIN
SELECTOR: Route = ("spec", "selector")


def check_resource(resource: Resource) -> Iterator[Violation]:
    if not isinstance(get(resource.body, *SELECTOR), dict) or not isinstance(resource.get("spec", "template"), dict):
        return  # the schema says so
    labels = pod_labels(resource)
    if resource.group_kind in PLAIN:
        yield from _missing(SELECTOR, mapping(resource.body, *SELECTOR), labels)
        return
    wanted = mapping(resource.body, *SELECTOR, "matchLabels")
    if not wanted and not sequence(resource.body, *SELECTOR, "matchExpressions"):
        yield Violation(SELECTOR, "the selector is empty, which the API server refuses; write labels of the template")
    yield from _missing((*SELECTOR, "matchLabels"), wanted, labels)
    for route, expression in items(resource.body, *SELECTOR, "matchExpressions"):
        if not expression_matches(expression, labels):
            message = f"the selector's expression on label {expression.get('key')} does not match the template"
            yield Violation(route, f"{message}; the API server refuses that")


def _missing(route: Route, wanted: Mapping[str, object], labels: Mapping[str, object]) -> Iterator[Violation]:
    for name, value in wanted.items():
        if labels.get(name) != value:
            has = f"has {labels[name]!r}" if name in labels else "has not"
            message = f"the selector wants label {name}={value}, which the template {has}; the API server refuses that"
            yield Violation((*route, name), message)


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
        tier: front
    spec:
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
      app: wbe  # <- here
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: shop/web:1.4.2
""",
    """\
apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata:
  name: web
spec:
  replicas: 1
  selector:
    app: shop  # <- here
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: shop/web:1.4.2
""",
]
