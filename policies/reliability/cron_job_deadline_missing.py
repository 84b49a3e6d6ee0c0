"""A CronJob says how late a run may start.

Without `startingDeadlineSeconds` a run that was missed, because the controller was away, starts whenever that is back
(https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline). An opinion: late is often
better than never, and more than a hundred missed runs are only an event (`pkg/controller/cronjob/utils.go` of
Kubernetes 1.37).

Exempt: suspended CronJobs.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import OFF, Violation

SEVERITY = Severity.INFO
KINDS = frozenset({"CronJob.batch"})
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    spec = mapping(resource.body, "spec")
    if spec.get("startingDeadlineSeconds") is None and spec.get("suspend") is not True:
        message = f"a missed run of CronJob {resource.name!r} starts however late; write startingDeadlineSeconds"
        yield Violation(("spec", "startingDeadlineSeconds"), message)


GOOD = [
    """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/5 * * * *"
  startingDeadlineSeconds: 60
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: shop/report:1.4.2
"""
]
BAD = [
    """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:  # <- here
  schedule: "*/5 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: shop/report:1.4.2
"""
]
