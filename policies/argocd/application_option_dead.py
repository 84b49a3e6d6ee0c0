"""Every kustomize option of an Application does something.

Argo CD hands `spec.source.kustomize` to `kustomize edit` before it builds (`util/kustomize/kustomize.go`). An entry of
`images` whose name is no image of the build is no error there: it changes nothing, and the version that somebody means
to run never comes. The same holds for an entry that a later one for the same image replaces, and for a patch
whose target is no object, by what `kustomize-patch-unmatched` says of those in files. With
`ignoreMissingComponents`, Argo CD 3.6 stops at the first component that it finds: those after it are never added.

Exempt: an entry of `images` that keeps the name of the image by `*`, or whose name is a pattern. What `kustomize`
refuses, such as an entry of `replicas` that names nothing, is reported as a failed build, at the option as well.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.WARNING
STAGE = "render"

GOOD = ["application-option-used"]
BAD = ["application-option-dead"]
