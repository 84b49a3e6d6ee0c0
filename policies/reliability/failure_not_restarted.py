"""Containers that fail are started again.

With `restartPolicy: Never` one failure ends a pod: a bare Pod is over for good, and a Job makes a new pod for each try,
which waits to be scheduled, pulls its images again and starts with empty volumes
(https://kubernetes.io/docs/concepts/workloads/controllers/job/#handling-pod-and-container-failures). An opinion: a pod
for each try keeps the logs of the failed ones.

Exempt: hooks of Argo CD. For kinds that keep their pods running the API server takes `Always` alone, which
`api-refused` says too.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, is_hook, pod_route

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    route = pod_route(resource)
    if route is not None and text(resource.body, *route, "restartPolicy") == "Never" and not is_hook(resource):
        message = f"one failure ends a pod of {resource.kind} {resource.name!r}; write restartPolicy: OnFailure"
        yield Violation((*route, "restartPolicy"), message)


JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: report%s
spec:
  template:
    spec:
      restartPolicy: %s
      containers:
        - name: report
          image: shop/report:1.4.2
"""
GOOD = [
    JOB % ("", "OnFailure"),
    JOB % ("\n  annotations:\n    argocd.argoproj.io/hook: PostSync", "Never"),
]
BAD = [JOB % ("", "Never  # <- here")]
