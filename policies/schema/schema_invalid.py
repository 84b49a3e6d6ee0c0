"""Objects are what their schema says.

The API server refuses an object whose field has the wrong type, an impossible value, or is missing; the sync of the
whole Application then fails at this object. The schemas are the ones that Kubernetes publishes for each version
(`--kubernetes-version`), those of the custom resources that are vendored (`schemas/SOURCES.md`), and every
CustomResourceDefinition in the repository itself. Each cause is reported at its own field.

A warning instead: what is missing in an object that amends one that an operator makes. That is a workload without
selector and containers, or a custom resource that its build puts alone into a namespace, while it has others elsewhere.
Exempt: kinds without a schema, which are counted in a note.
"""

from __future__ import annotations

from gitopsmith import documents
from gitopsmith.finding import Edit, Severity
from gitopsmith.kustomization import Kustomization, patch_field
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "validate"

FIX_IS_SAFE = True


def fix(subject: Resource | Kustomization, violation: Violation) -> Remedy | None:
    """Puts quotes around a word that must be a text, takes them from a number, or names the field of a patch."""
    value = get(subject.body, *violation.route)
    if violation.message.endswith("; put it in quotes"):
        return Remedy("put it in quotes", (Edit("quote", violation.route),))
    field = patch_field(value)
    if violation.message.endswith(f"; write it as its {field!r}"):
        return Remedy(f"write it as its {field!r}", (Edit("wrap", violation.route, field),))
    bare = documents.load(value) if isinstance(value, str) else None
    if violation.message.endswith("; write it without quotes") and isinstance(bare, bool | int):
        return Remedy("write it without quotes", (Edit("put", violation.route, bare),))
    return None


GOOD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
"""
]
BAD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: "80"  # <- here
""",
    "patches-without-a-field",
]
FIXED = [
    (
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  release: 1.20 # the newest
  size: 'large'
""",
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  release: "1.20" # the newest
  size: 'large'
""",
    ),
    (
        "patches-without-a-field",
        """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - web.yaml
patches:
  - path: ports.yaml  # <- here
  - patch: |-  # <- here
      apiVersion: v1
      kind: Service
      metadata:
        name: web
      spec:
        type: NodePort
""",
    ),
]
