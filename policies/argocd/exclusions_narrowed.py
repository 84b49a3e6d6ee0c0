"""Argo CD does not watch what changes all the time.

Since 3.0 argocd-cm comes with `resource.exclusions` for what clusters make in masses: Endpoints and EndpointSlices,
Leases, the reviews of authentication and authorization, CertificateRequests, Kyverno's reports
(`docs/operator-manual/upgrading/2.14-3.0.md`, `manifests/base/config/argocd-cm.yaml` of Argo CD). A value of one's own
takes the place of the whole list: Argo CD then watches and caches all of these on every cluster, and its controller
grows.

Exempt: lists that name EndpointSlice, or every kind of `discovery.k8s.io`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"ConfigMap"})
KEY = "resource.exclusions"


def check_resource(resource: Resource) -> Iterator[Violation]:
    written = text(resource.body, "data", KEY)
    if (
        resource.name == "argocd-cm"
        and written.strip()
        and "EndpointSlice" not in written
        and "discovery" not in written
    ):
        message = "this takes the place of the list that Argo CD comes with; begin with its entries, and add your own"
        yield Violation(("data", KEY), message)


SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
data:
  resource.exclusions: |{mark}
    - apiGroups: ["{group}"]
      kinds: ["*"]
      clusters: ["*"]
"""
GOOD = [SETTINGS.format(group="discovery.k8s.io", mark="")]
BAD = [SETTINGS.format(group="tekton.dev", mark="  # <- here")]
