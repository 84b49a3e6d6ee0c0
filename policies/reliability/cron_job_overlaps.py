"""A CronJob says what happens when the last run is not over.

Left out, `concurrencyPolicy` is `Allow`: a run that hangs, or takes longer than the time between two, gets another one
beside it, and then another (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy).
An opinion: many runs are short, or may run side by side.

Exempt: a policy that is written, `Allow` too; `activeDeadlineSeconds`, with which a run ends; and suspended CronJobs.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import OFF, Remedy, Violation

SEVERITY = Severity.INFO
KINDS = frozenset({"CronJob.batch"})
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    spec = mapping(resource.body, "spec")
    job = mapping(spec, "jobTemplate", "spec")
    ends = job.get("activeDeadlineSeconds") or mapping(job, "template", "spec").get("activeDeadlineSeconds")
    if spec.get("concurrencyPolicy") is None and not ends and spec.get("suspend") is not True:
        message = f"a run of CronJob {resource.name!r} that hangs gets more beside it; write concurrencyPolicy: Forbid"
        yield Violation(("spec", "concurrencyPolicy"), message)


def fix(_resource: Resource, violation: Violation) -> Remedy:
    """Lets a run wait for the one before it."""
    return Remedy("write concurrencyPolicy: Forbid", (Edit("put", violation.route, "Forbid"),))


GOOD = [
    """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/5 * * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: shop/report:1.4.2
""",
    """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/5 * * * *"
  jobTemplate:
    spec:
      activeDeadlineSeconds: 240
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: shop/report:1.4.2
""",
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
FIXED = [
    (
        """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/5 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: shop/report:1.4.2
""",
        """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/5 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: shop/report:1.4.2
  concurrencyPolicy: Forbid
""",
    ),
]
