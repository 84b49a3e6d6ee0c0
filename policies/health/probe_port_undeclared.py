"""The port that a probe asks is one that the container declares.

The kubelet asks any number, declared or not, so nothing is wrong with one that is in no list: `ports` only informs
(`containerPort` in the API's reference). But a number that differs from all that are declared is often the one that was
forgotten when the port moved. An opinion.

Exempt: named ports, which are the rule `probe-port-undefined`; containers that declare no ports at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import PROBES, WORKLOADS, long_running, port_numbers

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in long_running(resource):
        declared = port_numbers(container)
        for probe in PROBES:
            for action in ("httpGet", "tcpSocket", "grpc"):
                port = get(container, probe, action, "port")
                if declared and isinstance(port, int) and port not in declared:
                    message = f"{probe} of container {container.get('name')!r} asks port {port}, which is not declared"
                    known = ", ".join(map(str, sorted(declared)))
                    yield Violation((*route, probe, action, "port"), f"{message}; declared is {known}")


GOOD = [
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
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet:
              path: /ready
              port: 8080
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
          readinessProbe:
            httpGet:
              path: /ready
              port: 8080
""",
]
BAD = [
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
          ports:
            - containerPort: 80
          readinessProbe:
            httpGet:
              path: /ready
              port: 8080  # <- here
"""
]
