"""What Helm would do once, at the installation, may be done at every sync.

Argo CD cannot tell an installation from an upgrade: every operation is a sync. An object whose Helm hook is
`pre-install` or `post-install` is a PreSync or PostSync hook like any other (`docs/user-guide/helm.md`), and without a
delete policy it is deleted before it is applied again (`DeletePolicies` in
`gitops-engine/pkg/sync/hook/delete_policy.go`). A Job that fills an empty database runs into the full one at the next
sync; a PersistentVolumeClaim goes with its data, a Namespace with all that is in it, and a definition with all of its
objects, which is an error. Of a Job in a chart from elsewhere it is an info.

Exempt: hooks that upgrades run too, which are meant to be repeated; those that are not deleted, such as with the policy
`hook-failed` alone; other objects, such as ConfigMaps, of which the next one is the same; `crd-install`; objects that
have a hook annotation of Argo CD's.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.argocd import helm_hooks
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
RUNNING = frozenset({"Job.batch", "Pod", "Workflow.argoproj.io"})
HOLDING = frozenset({"PersistentVolumeClaim", "Namespace", "CustomResourceDefinition.apiextensions.k8s.io"})
KINDS = RUNNING | HOLDING


def check_resource(resource: Resource) -> Iterator[Violation]:
    events = helm_hooks.events(resource.annotations)
    once = sorted(events & helm_hooks.INSTALLING)
    if not once or events & helm_hooks.UPGRADING or not helm_hooks.is_made_anew(resource.annotations):
        return
    route = ("metadata", "annotations", helm_hooks.ANNOTATION)
    if resource.group_kind in HOLDING:
        message = f"{resource.kind} {resource.name!r} is a hook {once[0]!r}, which Argo CD deletes at every sync"
        yield Violation(route, f"{message}; take the annotation away")
    else:
        message = f"{resource.kind} {resource.name!r} is a hook {once[0]!r}, which Argo CD runs at every sync"
        said = f"{message}; make it one that can be repeated, and say so with {once[0].replace('install', 'upgrade')}"
        yield Violation(route, said, severity=_severity(resource))


def _severity(resource: Resource) -> Severity:
    """Returns a lower one for a chart from elsewhere, in which nobody here can edit the hook."""
    asked = resource.origin.asked
    return Severity.INFO if asked is not None and not asked.chart else Severity.WARNING


JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: fill-database
  annotations:
    {annotation}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: fill
          image: shop/web:1.4.2
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
  annotations:
    helm.sh/hook: pre-install  # <- here
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 10Gi
"""
GOOD = [
    JOB.format(annotation="helm.sh/hook: post-install,post-upgrade"),
    JOB.format(annotation="helm.sh/hook: post-install\n    helm.sh/hook-delete-policy: hook-failed"),
    JOB.format(annotation="helm.sh/hook: post-install\n    argocd.argoproj.io/hook: Skip"),
    JOB.format(annotation="helm.sh/hook: pre-delete"),
]
BAD = [
    JOB.format(annotation="helm.sh/hook: post-install  # <- here"),
    JOB.format(annotation="helm.sh/hook: pre-install  # <- here\n    helm.sh/hook-delete-policy: hook-succeeded"),
    CLAIM,
]
