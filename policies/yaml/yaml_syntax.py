"""Files that Argo CD applies are readable YAML.

One document that cannot be parsed stops the whole Application: the repo server reports `failed to unmarshal manifest`
and nothing of the directory is applied (`reposerver/repository/repository.go`); kustomize stops at the same place.
Text is read as Kubernetes' own reader does, so a file that passes here is not judged otherwise by the cluster.

Exempt: files that are no manifests, such as templates of a chart, and kustomizations that are templates themselves.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "documents"

GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  motto: "all of it: quoted"
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  motto: all of it: unquoted  # <- here
"""
]
