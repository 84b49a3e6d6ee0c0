"""A Job that deletes itself is a hook.

With `ttlSecondsAfterFinished` Kubernetes deletes a Job that is done
(https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/), and for Argo CD an object of the
Application is then missing: it is out of sync, and under automated sync with self-heal the Job is made and run again,
without end. As a hook, a Job is not missed, and `argocd.argoproj.io/hook-delete-policy` deletes it.

Exempt: hooks of Argo CD and of Helm; Jobs of a CronJob, which are not applied.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import is_hook

SEVERITY = Severity.WARNING
KINDS = frozenset({"Job.batch"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    if resource.get("spec", "ttlSecondsAfterFinished") is not None and not is_hook(resource):
        message = f"Job {resource.name!r} deletes itself, and Argo CD then misses it and runs it again; make it a hook"
        yield Violation(("spec", "ttlSecondsAfterFinished"), message)


GOOD = [
    """\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: shop/migrate:1.4.2
""",
    """\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
spec:
  ttlSecondsAfterFinished: 60
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: shop/migrate:1.4.2
""",
]
BAD = [
    """\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  ttlSecondsAfterFinished: 60  # <- here
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: shop/migrate:1.4.2
"""
]
