"""The Pod Security labels of a namespace are words that the API server knows.

The API server does not take a new Namespace with another value: levels are `privileged`, `baseline` and `restricted`,
versions `latest` or such as `v1.34`. On a namespace that is there already it takes a typing mistake of `enforce` for
`restricted`, and one of `audit` or `warn` for `privileged` (`PolicyToEvaluate` in `api/helpers.go` of
k8s.io/pod-security-admission).

Exempt: what is to be filled in later, such as `${LEVEL}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.podsecurity import LEVELS, is_version
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
KINDS = frozenset({"Namespace"})
PREFIX = "pod-security.kubernetes.io/"


def check_resource(resource: Resource) -> Iterator[Violation]:
    for mode in ("enforce", "audit", "warn"):
        for label, allowed in ((f"{PREFIX}{mode}", LEVELS), (f"{PREFIX}{mode}-version", ("latest", "v1.34"))):
            value = resource.labels.get(label)
            if not isinstance(value, str) or value in allowed or is_filled_in_later(value):
                continue
            if allowed is LEVELS or not is_version(value):
                message = f"{label} is {value!r}, which the API server refuses; write {' or '.join(allowed)}"
                yield Violation(("metadata", "labels", label), message)


GOOD = [
    """\
apiVersion: v1
kind: Namespace
metadata:
  name: web
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/enforce-version: v1.30
    pod-security.kubernetes.io/warn: restricted
    pod-security.kubernetes.io/warn-version: latest
"""
]
BAD = [
    """\
apiVersion: v1
kind: Namespace
metadata:
  name: web
  labels:
    pod-security.kubernetes.io/enforce: strict  # <- here
    pod-security.kubernetes.io/enforce-version: "1.30"  # <- here
"""
]
