"""Objects are what their schema says.

The API server refuses an object whose field has the wrong type, an impossible value, or is missing; the sync of the
whole Application then fails at this object. The schemas are the ones that Kubernetes publishes for each version
(`--kubernetes-version`), those of the custom resources that are vendored (`schemas/SOURCES.md`), and every
CustomResourceDefinition in the repository itself. Each cause is reported at its own field.

Exempt: kinds without a schema, which are counted in a note.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "validate"

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
"""
]
