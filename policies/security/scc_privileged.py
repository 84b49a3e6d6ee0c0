"""No SCC lets containers be privileged.

A SecurityContextConstraints of OpenShift with `allowPrivilegedContainer` gives whoever may use it the node.

Exempt: the SCC `privileged`, which OpenShift brings itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"SecurityContextConstraints.security.openshift.io"})
PROFILE = "production"
FIELD = "allowPrivilegedContainer"


def check_resource(resource: Resource) -> Iterator[Violation]:
    if resource.get(FIELD) is True and resource.name != "privileged":
        message = f"constraints {resource.name!r} let containers be root on the node; allow only what they need"
        yield Violation((FIELD,), message)


GOOD = [
    """\
apiVersion: security.openshift.io/v1
kind: SecurityContextConstraints
metadata:
  name: web
allowPrivilegedContainer: false
"""
]
BAD = [
    """\
apiVersion: security.openshift.io/v1
kind: SecurityContextConstraints
metadata:
  name: web
allowPrivilegedContainer: true  # <- here
"""
]
