"""A change of the configuration that containers take into their environment restarts them.

A process gets its environment once, when it starts
(https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically). A ConfigMap
or Secret that changes under the same name leaves the pod template as it is, so that nothing is rolled out: the
Application is Synced and Healthy with the old values, until a pod is started for another reason, and then with both. So
it is with the commit that takes the change back. A generator's hash in the name, or a checksum in an annotation of the
pod template, makes each change a rollout.

Exempt: names with kustomize's hash; objects that are `immutable`; pod templates with an annotation or a label that
stands for the content or the time of a restart (`checksum/config`, `config-hash`, `rollme`); workloads with an
annotation for Reloader or Wave; what is mounted as files, which change in the container; objects of other builds, and
Secrets that SealedSecrets and ExternalSecrets make, whose content is not here; init containers that end; hooks, Jobs,
and workloads whose pods are replaced by hand (`OnDelete`); the settings of Argo CD itself, which it finds by their
names. Where Reloader watches everything, switch the rule off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, items, mapping, text
from gitopsmith.policy import Violation
from gitopsmith.workload import is_hook, long_running, pod_annotations, pod_labels

SEVERITY = Severity.INFO
PROFILE = "production"
SIBLINGS = True
KINDS = frozenset({"Deployment.apps", "StatefulSet.apps", "DaemonSet.apps", "Rollout.argoproj.io"})
HASHED = re.compile(r".+-[2456789bcdfghkmt]{10}")
TOLD = re.compile(r"checksum|hash|sha256|digest|config-?(version|revision)|roll-?me|restarted-?at", re.IGNORECASE)
RESTARTER = re.compile(r"reloader\.stakater\.com/|wave\.pusher\.com/")


def check_resource(resource: Resource) -> Iterator[Violation]:
    if is_hook(resource) or _is_restarted(resource):
        return
    seen: set[tuple[str, str]] = set()
    for route, kind, name in _environment(resource):
        if (kind, name) not in seen and _changes_in_place(resource, kind, name):
            message = f"a change of {kind} {name!r} restarts no pod of {resource.kind} {resource.name!r}"
            yield Violation(route, f"{message}; generate it with a hash, or put a checksum into the pod template")
        seen.add((kind, name))


def _is_restarted(resource: Resource) -> bool:
    """Tells whether something, or somebody, restarts the pods of a workload when its configuration changes."""
    of_pods = (*pod_annotations(resource), *pod_labels(resource))
    return (
        text(resource.body, "spec", "updateStrategy", "type") == "OnDelete"
        or any(map(TOLD.search, of_pods))
        or any(map(RESTARTER.search, (*of_pods, *resource.annotations)))
    )


def _environment(resource: Resource) -> Iterator[tuple[Route, str, str]]:
    for route, container in long_running(resource):
        for where, source in items(container, "envFrom"):
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                yield (*route, *where, field, "name"), kind, text(source, field, "name")
        for where, variable in items(container, "env"):
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                yield (*route, *where, "valueFrom", field, "name"), kind, text(variable, "valueFrom", field, "name")


def _changes_in_place(resource: Resource, kind: str, name: str) -> bool:
    """Tells whether an object of the build can get other content under its name."""
    return not HASHED.fullmatch(name) and any(
        (each.group_kind, each.name, each.namespace) == (kind, name, resource.namespace)
        and each.body.get("immutable") is not True
        and each.labels.get("app.kubernetes.io/part-of") != "argocd"
        and any(mapping(each.body, field) for field in ("data", "stringData", "binaryData"))
        for each in resource.siblings
    )


DEPLOYMENT = """\
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
      annotations:
        {annotation}
    spec:
      containers:
        - name: web
          image: shop/web:1.4.2
          envFrom:
            - configMapRef:
                name: {name}  {mark}
"""
CONFIG = """\
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  COLOUR: blue
"""
FIXED_CONFIG = CONFIG.replace("\ndata:", "\nimmutable: true\ndata:")
PLAIN = "prometheus.io/scrape: 'true'"
GOOD = [
    DEPLOYMENT.format(annotation=PLAIN, name="web-b5k7t8ccd6", mark="") + CONFIG.format(name="web-b5k7t8ccd6"),
    DEPLOYMENT.format(annotation="checksum/config: a1b2", name="web", mark="") + CONFIG.format(name="web"),
    DEPLOYMENT.format(annotation=PLAIN, name="web-v1", mark="") + FIXED_CONFIG.format(name="web-v1"),
    DEPLOYMENT.format(annotation=PLAIN, name="elsewhere", mark=""),
    DEPLOYMENT.format(annotation=PLAIN, name="web", mark="").replace(
        "  name: web\nspec:", "  name: web\n  annotations:\n    reloader.stakater.com/auto: 'true'\nspec:"
    )
    + CONFIG.format(name="web"),
]
BAD = [DEPLOYMENT.format(annotation=PLAIN, name="web", mark="# <- here") + CONFIG.format(name="web")]
