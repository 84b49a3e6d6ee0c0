"""The API server takes the object.

An object can fit its schema and be refused all the same, and then the sync of its Application fails. The API server
checks names, and fields against each other: a volume that is mounted must be there, a strategy `Recreate` has no
`rollingUpdate`, a request is not above its limit, a schedule has five fields, a Secret's `data` is base64. Checked are
names, labels, pods, Services, Ingresses, network policies, claims of volumes, ConfigMaps, Secrets, roles and their
bindings, autoscalers and disruption budgets, as every supported Kubernetes does, and as a real API server confirmed
(`bench/admission.py`).

A warning: a PersistentVolumeClaim of nothing but a size. It is refused where the claim does not exist, and resizes it
where something else made it, as an operator or JupyterHub does; a sync into a new cluster then waits for that.

Exempt: Secrets that SOPS has encrypted in the file. Not checked: conditions in CEL, and what only a cluster can tell.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "validate"

GOOD = [
    """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 10Gi
""",
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    type: Recreate
    rollingUpdate: null
  selector:
    matchLabels:
      app: web
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
BAD = [
    """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: made-by-an-operator
spec:  # <- here
  resources:
    requests:
      storage: 20Gi
""",
    """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
spec:  # <- here
  storageClassName: fast
  resources:
    requests:
      storage: 20Gi
""",
    """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: ten gigabytes  # <- here
""",
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: web
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: view
subjects:
  - kind: ServiceAccount  # <- here
    name: web
""",
]
