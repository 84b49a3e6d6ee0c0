"""The API version of a custom object is still served by newer releases of its program.

Operators drop old versions of their kinds as Kubernetes does. External Secrets serves `v1beta1` up to 0.16, Traefik the
group `traefik.containo.us` up to 2, cert-manager `v1beta1` up to 1.5. After the upgrade Argo CD does not find the kind
under that version, and the sync of every Application with such an object fails, with every retry. It is easier to
change while both versions are served.

Judged by the definitions of two releases of each program, one before and one after (`schemas/custom/retired.tsv`). The
release that is named need not be the first without. An info, since which release runs on the cluster is not known here.

Exempt: kinds that the repository itself defines, for which `version-not-served` speaks.
"""

from __future__ import annotations

import re

from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.INFO
STAGE = "validate"


def fix(_resource: Resource, violation: Violation) -> Remedy | None:
    """Writes the newer version, which fits only where its fields are the same."""
    newer = re.search(r"; use (\S+)\Z", violation.message)
    return Remedy(f"write {newer[1]}", (Edit("put", violation.route, newer[1]),)) if newer else None


GOOD = [
    """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: database
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  dataFrom:
    - extract:
        key: shop/database
"""
]
BAD = [
    """\
apiVersion: external-secrets.io/v1beta1  # <- here
kind: ExternalSecret
metadata:
  name: database
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  dataFrom:
    - extract:
        key: shop/database
""",
    """\
apiVersion: traefik.containo.us/v1alpha1  # <- here
kind: Middleware
metadata:
  name: compressed
spec:
  compress: {}
""",
]
FIXED = [
    (
        """\
apiVersion: traefik.containo.us/v1alpha1
kind: Middleware
metadata:
  name: compressed
spec:
  compress: {}
""",
        """\
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata:
  name: compressed
spec:
  compress: {}
""",
    )
]
