"""Every chart that an Application installs can be rendered.

When `helm template` fails, Argo CD shows `ComparisonError` and applies nothing of the Application, not even the objects
that are right (`util/helm/cmd.go`). The chart is rendered with the flags that Argo CD gives, for the Kubernetes version
of the configuration, and the message is helm's own, at the template that it names. A values file that is not there, or
that leads out of the repository, is found without helm (`reposerver/repository/repository.go`).

Exempt: what cannot be known here, each counted in a note: charts where no helm is on PATH, dependencies that are not in
`charts/`, values files at a URL or in another repository, templates that fail and ask the cluster with `lookup` or
`.Capabilities`, and charts for another Kubernetes version than the configured one.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "render"

GOOD = ["helm-build-good"]
BAD = ["helm-build-bad", "helm-build-values-missing"]
