"""The root file system of containers is read-only.

What cannot be written cannot be changed by whoever gets in: no tool downloaded, no program replaced. A program that
writes gets an `emptyDir` at the directories that it writes to, `/tmp` most often
(https://kubernetes.io/docs/concepts/security/security-checklist/).

Exempt: init containers that are no sidecars, which are gone when the pod serves; Jobs and CronJobs; Windows pods, which
do not know it; privileged containers, which can mount it anew; pods in `kube-system`, and in a namespace that the same
build labels `pod-security.kubernetes.io/enforce: privileged`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.podsecurity import is_meant, unconfined
from gitopsmith.policy import Violation
from gitopsmith.workload import RUN_TO_COMPLETION, WORKLOADS, is_hook, long_running, pod_spec

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS - RUN_TO_COMPLETION
PROFILE = "production"
FIELD = ("securityContext", "readOnlyRootFilesystem")


def check_resource(resource: Resource) -> Iterator[Violation]:
    if is_meant(resource) or is_hook(resource) or get(pod_spec(resource), "os", "name") == "windows":
        return
    privileged = unconfined(resource)
    for route, container in long_running(resource):
        if route not in privileged and get(container, *FIELD) is not True:
            message = (
                f"container {container.get('name')!r} can write to its root file system; set readOnlyRootFilesystem"
            )
            yield Violation((*route, *FIELD), message)


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  initContainers:
    - name: migrate
      image: shop/migrate:1.4.2
  containers:
    - name: web
      image: shop/web:1.4.2
      securityContext:
        readOnlyRootFilesystem: true
      volumeMounts:
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: tmp
      emptyDir: {}
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  initContainers:
    - name: proxy  # <- here
      image: shop/proxy:1.0.0
      restartPolicy: Always
  containers:
    - name: web
      image: shop/web:1.4.2
      securityContext:
        readOnlyRootFilesystem: false  # <- here
"""
]
