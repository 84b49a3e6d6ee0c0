"""An ApplicationSet generates Applications that Argo CD and Kubernetes accept.

Argo CD shows what it cannot generate in the set's conditions alone (`ErrorOccurred`), which nobody looks at: no
Application is red, the Applications that are missing were never there, and those that exist get no change any more.

Every set is expanded by Argo CD's own code (3.6.1): its generators, its templates with all of their functions, its
matching of directories and files. An error: a template that cannot be read, or that asks for a parameter that no
generator gives where `missingkey=error` is set; a generator that is unknown, or that combines what cannot be combined;
two Applications of one name (`validateGeneratedApplications` in
`applicationset/controllers/applicationset_controller.go`); a name that Kubernetes refuses.

A warning: a generator that finds no directory, file or element; and, without Go templates, a parameter that no
generator gives, which stays in the Application as `{{parameter}}`. Nothing is more than a warning in a file that the
kustomization beside it does not include, and where clusters or services are asked: an Argo CD may know others than the
configuration names.

Which clusters there are is said by `clusters` in `.gitopsmith.yaml` (name, server, project, labels, annotations), and
what the other generators yield that ask a service by `applicationsets`: a list of parameters for each name of a set.
Exempt: what a generator asks of these where the configuration does not say it, other repositories, fixed revisions,
and everything where the program `gitopsmith-appset` is not there. Each is counted as unverifiable.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "appset"

_SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: web
  namespace: argocd
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - list:
        elements:
          - {cluster: staging, revision: main}
          - {cluster: production, revision: main}
  template:
    metadata:
      name: NAME
    spec:
      project: shop
      source:
        repoURL: https://git.example.com/team/charts.git
        targetRevision: REVISION
        path: web
      destination:
        name: '{{ .cluster }}'
        namespace: web
"""

GOOD = [_SET.replace("NAME", "'web-{{ .cluster }}'").replace("REVISION", "'{{ .revision }}'")]
BAD = [
    _SET.replace("NAME", "web  # <- here").replace("REVISION", "'{{ .revision }}'"),
    _SET.replace("NAME", "'web-{{ .cluster }}'").replace("REVISION", "'{{ .version }}'  # <- here"),
    _SET.replace("NAME", "'Web_{{ .cluster }}'  # <- here").replace("REVISION", "'{{ .revision }}'"),
]
