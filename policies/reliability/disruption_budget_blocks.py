"""A PodDisruptionBudget lets a pod be evicted.

One that never does so makes every drain of a node wait, and with it the upgrade of the cluster, until somebody deletes
the pod or the budget by hand (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/). It is so with
`maxUnavailable: 0`; where as many pods are to be available as there are, or as the autoscaler keeps at the least; and
with neither field, since the controller then expects no pod at all and allows nothing (`getExpectedPodCount` in
`pkg/controller/disruption/disruption.go` of Kubernetes 1.37). Shares are rounded up there.

Exempt: budgets with no pod to keep, because their workloads run none now (`replicas: 0`), or because the build has
workloads and the selector fits none of them; numbers of pods that this build does not tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({scaling.BUDGET})


def check_resource(resource: Resource) -> Iterator[Violation]:
    spec = mapping(resource.body, "spec")
    least, most, pods = spec.get("minAvailable"), spec.get("maxUnavailable"), _pods(resource)
    if pods == 0:
        return
    if least is None and most is None:
        yield Violation(("spec",), "without minAvailable or maxUnavailable no pod can be evicted; write one")
    elif most is not None and scaling.amount(most, 1, math.ceil) == 0:
        yield Violation(("spec", "maxUnavailable"), f"no pod can be evicted while maxUnavailable is {most}; write 1")
    elif most is None and pods and (needed := scaling.amount(least, pods, math.ceil)) and needed >= pods:
        message = f"minAvailable {least} of {pods} pods lets none be evicted; write maxUnavailable: 1 instead"
        yield Violation(("spec", "minAvailable"), message)
    elif least == "100%":
        yield Violation(("spec", "minAvailable"), "minAvailable 100% lets no pod be evicted; write maxUnavailable: 1")


def _pods(budget: Resource) -> int | None:
    """Returns the fewest pods that a budget speaks of, None where the workloads of its build do not tell."""
    found = scaling.protected(budget)
    numbers = [scaling.fewest(one) if one.group_kind in scaling.REPLICATED else None for one in found]
    known = [number for number in numbers if number is not None]
    is_told = found or any(one.namespace == budget.namespace for one in scaling.with_pods(budget.siblings))
    return sum(known) if is_told and len(known) == len(found) else None


GOOD = [
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: web
""",
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
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
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 2
  selector:
    matchLabels:
      app: web
""",
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 50%
  selector:
    matchLabels:
      app: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
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
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 0
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
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 0
  selector:
    matchLabels:
      app: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  selector:
    matchLabels:
      app: api
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
        - name: api
          image: shop/api:1.4.2
""",
]
BAD = [
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:  # <- here
  selector:
    matchLabels:
      app: web
""",
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 0  # <- here
  selector:
    matchLabels:
      app: web
""",
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1  # <- here
  selector:
    matchLabels:
      app: web
---
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
    spec:
      containers:
        - name: web
          image: shop/web:1.4.2
""",
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 51%  # <- here
  selector:
    matchLabels:
      app: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
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
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 100%  # <- here
  selector:
    matchLabels:
      app: web
""",
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 2  # <- here
  selector:
    matchLabels:
      app: web
---
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
    spec:
      containers:
        - name: web
          image: shop/web:1.4.2
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  minReplicas: 2
  maxReplicas: 9
""",
]
