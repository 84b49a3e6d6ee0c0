"""What serves a Service has more than one pod.

A single pod is gone whenever its node is drained, upgraded or lost, or the kubelet evicts it, and until another one is
ready nobody answers (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/). An opinion: in an environment on
which nobody depends one pod is enough, and a base does not know which that is.

Exempt: pods that no Service sends traffic to, or only one for metrics; workloads with an autoscaler, whose minimum is
the rule `autoscaler-minimum-low`; the strategy `Recreate` and storage that outlives the pod, which say that there can
be only one; by their names, operators and controllers, of which a second one only waits, exporters, and stores such as
`redis`; none at all (`replicas: 0`); StatefulSets, which need a program that knows its peers; and hooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import is_hook, serves

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = scaling.REPLICATED - {"StatefulSet.apps"}
PROFILE = OFF
ONE_OF_A_KIND = re.compile(
    r"operator|controller|manager|watcher|exporter|metrics|collector"
    r"|redis|valkey|memcached|postgres|mysql|mariadb|mongo|etcd|rabbit|kafka|elastic"
)


def check_resource(resource: Resource) -> Iterator[Violation]:
    alone = scaling.replicas(resource) == 1 and not scaling.autoscalers(resource) and not is_hook(resource)
    exclusive = resource.get("spec", "strategy", "type") == "Recreate" or scaling.keeps_data(resource)
    if alone and not exclusive and not ONE_OF_A_KIND.search(resource.name) and serves(resource):
        message = f"{resource.kind} {resource.name!r} serves a Service with one pod; write at least 2 replicas"
        yield Violation(("spec", "replicas"), message)


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
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1  # <- here
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
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:  # <- here
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
