"""A values file behind `$name` is that of a source with this `ref`.

`$values/web.yaml` means a file in the source of the same Application that says `ref: values`. Where none does, Argo CD
takes it for a path in the chart, and no chart has such a file: the Application shows `ComparisonError` and nothing of
it is applied (`getReferencedSource` in `reposerver/repository/repository.go`).

Exempt: charts in this repository, for which `helm-build` speaks; variables that Argo CD fills in (`$ARGOCD_APP_NAME`);
`ignoreMissingValueFiles: true`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.application import Application
from gitopsmith.finding import Severity
from gitopsmith.manifest import get, sequence, text
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
REFERENCE = re.compile(r"\$(?!ARGOCD_|KUBE_)[A-Za-z][A-Za-z0-9_-]*(?=/)")


def check_application(application: Application) -> Iterator[Violation]:
    known = sorted(f"${text(source.body, 'ref')}" for source in application.sources if text(source.body, "ref"))
    for source in application.sources:
        if source.own or get(source.body, "helm", "ignoreMissingValueFiles") is True:
            continue
        for index, written in enumerate(sequence(source.body, "helm", "valueFiles")):
            found = REFERENCE.match(written) if isinstance(written, str) else None
            if found and found[0] not in known:
                instead = f"write {' or '.join(known)}" if known else "add a source with this ref"
                message = f"no source of this Application has ref {found[0][1:]!r}; {instead}"
                yield Violation((*source.route, "helm", "valueFiles", index), message)


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  sources:
    - repoURL: https://charts.example.com
      chart: web
      targetRevision: 1.2.3
      helm:
        valueFiles:
          - $values/web/values.yaml
          - $ARGOCD_APP_NAME/values.yaml%s
    - repoURL: https://git.example.com/team/values.git
      targetRevision: v1.0.0
      ref: values
  destination:
    name: production
"""
GOOD = [APPLICATION % ""]
BAD = [APPLICATION % "\n          - $value/web/more.yaml  # <- here"]
