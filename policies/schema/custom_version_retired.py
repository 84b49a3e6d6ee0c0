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

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Remedy, Violation, successor

SEVERITY = Severity.INFO
STAGE = "validate"


def fix(_resource: Resource, violation: Violation) -> Remedy | None:
    return successor(violation)


SYNCED = """\
apiVersion: external-secrets.io/{version}
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
MIDDLEWARE = """\
apiVersion: {version}
kind: Middleware
metadata:
  name: compressed
spec:
  compress: {{}}
"""
GOOD = [SYNCED.format(version="v1")]
BAD = [
    SYNCED.format(version="v1beta1  # <- here"),
    MIDDLEWARE.format(version="traefik.containo.us/v1alpha1  # <- here"),
]
FIXED = [
    (MIDDLEWARE.format(version="traefik.containo.us/v1alpha1"), MIDDLEWARE.format(version="traefik.io/v1alpha1")),
]
