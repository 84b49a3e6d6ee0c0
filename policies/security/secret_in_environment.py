"""Containers read their Secrets from files.

The environment of a process is inherited by all that it starts, ends up in crash reports and `kubectl describe` of
debuggers, and keeps an old value until the pod is started again, where a mounted Secret is renewed
(https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod). An opinion: many programs
take a password from the environment alone.

Exempt: init containers that end, whose environment goes with them.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, mapping
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, long_running

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in long_running(resource):
        name = container.get("name")
        for where, variable in items(container, "env"):
            if mapping(variable, "valueFrom", "secretKeyRef"):
                message = f"container {name!r} has a Secret in variable {variable.get('name')!r}; mount it as a file"
                yield Violation((*route, *where, "valueFrom", "secretKeyRef"), message)
        for where, source in items(container, "envFrom"):
            if mapping(source, "secretRef"):
                message = f"container {name!r} has a whole Secret in its environment; mount it as files"
                yield Violation((*route, *where, "secretRef"), message)


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
"""
GOOD = [
    POD
    + """\
      env:
        - name: PASSWORD_FILE
          value: /run/secrets/web/password
      volumeMounts:
        - name: secrets
          mountPath: /run/secrets/web
  volumes:
    - name: secrets
      secret:
        secretName: web
"""
]
BAD = [
    POD
    + """\
      env:
        - name: PASSWORD
          valueFrom:
            secretKeyRef:  # <- here
              name: web
              key: password
""",
    POD
    + """\
      envFrom:
        - secretRef:  # <- here
            name: web
""",
]
